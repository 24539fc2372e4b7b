/** What this GitHub knows: plain records, changed by routes (what the API does) and by scene.ts (what people do). */

export type Level = 'read' | 'write' | 'admin';
export type Permissions = Record<string, Level>;
export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export interface Account {
  id: number;
  login: string;
  type: 'User' | 'Organization';
}

export interface Commit {
  sha: string;
  message: string;
  /** Null for a commit that came in with a fork's pull request. */
  branch: string | null;
  before: string | null;
  at: number;
}

export interface Repository {
  id: number;
  owner: Account;
  name: string;
  private: boolean;
  defaultBranch: string;
  /** What this is a fork of. */
  parent: Repository | null;
  commits: Map<string, Commit>;
  /** Head of each branch. */
  branches: Map<string, string>;
  collaborators: Map<string, Role>;
  createdAt: number;
}

export interface PullRequest {
  id: number;
  number: number;
  base: Repository;
  baseRef: string;
  baseSha: string;
  head: Repository;
  headRef: string;
  headSha: string;
  /** Heads it has had, newest last. */
  shas: string[];
  title: string;
  author: Account;
  state: 'open' | 'closed';
  mergedAt: number | null;
  createdAt: number;
  updatedAt: number;
  closedAt: number | null;
}

export interface CheckSuite {
  id: number;
  app: App;
  repository: Repository;
  headSha: string;
  headBranch: string | null;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface Annotation {
  path: string;
  start_line: number;
  end_line: number;
  start_column: number | null;
  end_column: number | null;
  annotation_level: string;
  title: string | null;
  message: string;
  raw_details: string | null;
}

export interface CheckAction {
  label: string;
  description: string;
  identifier: string;
}

export interface CheckRun {
  id: number;
  suite: CheckSuite;
  name: string;
  externalId: string;
  detailsUrl: string | null;
  status: string;
  conclusion: string | null;
  startedAt: string;
  completedAt: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  /** Only ever grows. */
  annotations: Annotation[];
  actions: CheckAction[];
  /** Status and conclusion after each write, for tests about the order of things. */
  history: { status: string; conclusion: string | null; annotations: number }[];
}

export interface WorkflowRun {
  id: number;
  repository: Repository;
  headRepository: Repository;
  headSha: string;
  headBranch: string | null;
  name: string;
  event: string;
  number: number;
  attempt: number;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  actor: Account;
  createdAt: number;
  updatedAt: number;
}

export interface Comment {
  id: number;
  pullRequest: PullRequest;
  author: Account;
  body: string;
  createdAt: number;
}

export interface App {
  id: number;
  clientId: string;
  slug: string;
  name: string;
  owner: Account;
  /** PEM; several while a key is being rotated. */
  publicKeys: string[];
  webhookSecret: string;
  /** Where its webhooks go; null: nowhere yet. */
  webhookUrl: string | null;
  permissions: Permissions;
  events: string[];
  createdAt: number;
}

export interface Installation {
  id: number;
  app: App;
  account: Account;
  selection: 'all' | 'selected';
  repositories: Set<Repository>;
  permissions: Permissions;
  suspendedAt: number | null;
  createdAt: number;
}

export interface InstallationToken {
  token: string;
  installation: Installation;
  permissions: Permissions;
  /** Null: every repository of the installation. */
  repositoryIds: number[] | null;
  mintedAt: number;
  expiresAt: number;
}

export interface State {
  accounts: Map<string, Account>;
  repositories: Map<string, Repository>;
  pullRequests: PullRequest[];
  suites: CheckSuite[];
  checkRuns: Map<number, CheckRun>;
  workflowRuns: Map<number, WorkflowRun>;
  comments: Map<number, Comment>;
  apps: Map<number, App>;
  installations: Map<number, Installation>;
  tokens: Map<string, InstallationToken>;
  /** Tokens of people, which may read but write no checks. */
  personalTokens: Set<string>;
  /** A number nobody has yet. Check runs have outgrown 32 bits long ago. */
  nextId(kind?: 'check'): number;
}

export function createState(): State {
  let last = 1_000;
  let lastCheck = 35_000_000_000;
  return {
    accounts: new Map(),
    repositories: new Map(),
    pullRequests: [],
    suites: [],
    checkRuns: new Map(),
    workflowRuns: new Map(),
    comments: new Map(),
    apps: new Map(),
    installations: new Map(),
    tokens: new Map(),
    personalTokens: new Set(),
    nextId: (kind) => (kind === 'check' ? ++lastCheck : ++last),
  };
}

export function fullName({ owner, name }: Repository): string {
  return `${owner.login}/${name}`;
}

/** The installation of `app` that covers the repository, if any. */
export function installationOf(state: State, app: App, repository: Repository): Installation | undefined {
  return [...state.installations.values()].find((one) => one.app === app && covers(one, repository));
}

export function covers(installation: Installation, repository: Repository): boolean {
  return (
    installation.account === repository.owner &&
    (installation.selection === 'all' || installation.repositories.has(repository))
  );
}

/** Open pull requests that GitHub names in check events of a commit: those of the repository itself, never a fork's. */
export function ownPullRequests(state: State, repository: Repository, sha: string): PullRequest[] {
  return state.pullRequests.filter(
    (one) => one.state === 'open' && one.base === repository && one.head === repository && one.headSha === sha,
  );
}

/** The one suite of an App on a commit, made when it is new; undefined when the repository does not know the commit. */
export function suiteFor(
  state: State,
  app: App,
  repository: Repository,
  headSha: string,
  now: number,
): CheckSuite | undefined {
  const known = state.suites.find((one) => one.app === app && one.repository === repository && one.headSha === headSha);
  const commit = repository.commits.get(headSha);
  if (known || !commit) return known;
  const suite: CheckSuite = {
    id: state.nextId('check'),
    app,
    repository,
    headSha,
    headBranch: commit.branch,
    status: 'queued',
    conclusion: null,
    createdAt: now,
    updatedAt: now,
  };
  state.suites.push(suite);
  return suite;
}
