import { createHash } from 'node:crypto';
import {
  type Account,
  type App,
  type CheckSuite,
  type Comment,
  fullName,
  type Installation,
  type Permissions,
  type PullRequest,
  type Repository,
  type Role,
  type State,
  suiteFor,
  type WorkflowRun,
} from './state.ts';

/** What people do on GitHub. None of it sends a webhook: a test sends those itself, when and how it wants (`github.send`). */
export interface Scene {
  /** The account of that name, made when it is new. */
  account(login: string, type?: Account['type']): Account;
  /** A new repository, `owner/name`, with one commit on `main`. Its owner is an organisation unless known as a user. */
  repository(name: string, options?: { private?: boolean; forkOf?: Repository }): Repository;
  /** A commit on a branch, made when new. @returns its SHA */
  push(repository: Repository, branch?: string, message?: string): string;
  /** The head is a new commit on `branch` of `from` (a fork, or the repository itself). */
  openPullRequest(
    base: Repository,
    options?: { from?: Repository; branch?: string; title?: string; author?: Account },
  ): PullRequest;
  /** Another commit on the pull request's branch. @returns its SHA */
  pushTo(pull: PullRequest): string;
  closePullRequest(pull: PullRequest, how?: { merged: boolean }): void;
  reopenPullRequest(pull: PullRequest): void;
  comment(pull: PullRequest, author: Account, body: string): Comment;
  collaborate(repository: Repository, who: Account, role: Role): void;
  /** A running workflow. Without `on` it runs on the head of the default branch. */
  startWorkflow(repository: Repository, on?: { sha?: string; event?: string; pull?: PullRequest }): WorkflowRun;
  completeWorkflow(run: WorkflowRun, conclusion: 'success' | 'failure' | 'cancelled'): void;
  rerunWorkflow(run: WorkflowRun): void;
  /** The suite of an App on a commit; GitHub makes one on every push. */
  suite(app: App, repository: Repository, sha: string): CheckSuite;
  /** @param where an account (all of its repositories), or some repositories of one account */
  install(app: App, where: Account | Repository[], options?: { id?: number; permissions?: Permissions }): Installation;
  uninstall(installation: Installation): void;
  suspend(installation: Installation): void;
  unsuspend(installation: Installation): void;
}

export function createScene(state: State, now: () => number): Scene {
  const account: Scene['account'] = (login, type = 'User') => {
    const made: Account = state.accounts.get(login) ?? { id: state.nextId(), login, type };
    state.accounts.set(login, made);
    return made;
  };
  const push: Scene['push'] = (repository, branch = repository.defaultBranch, message = 'Change something') => {
    const sha = createHash('sha1')
      .update(`${fullName(repository)} ${branch} ${state.nextId()}`)
      .digest('hex');
    const before = repository.branches.get(branch) ?? null;
    repository.commits.set(sha, { sha, message, branch, before, at: now() });
    repository.branches.set(branch, sha);
    return sha;
  };
  /** A fork's commits are known in the base repository too, through refs/pull, but on no branch of it. */
  const shareWithBase = ({ base, head, headSha }: PullRequest) => {
    const commit = head.commits.get(headSha);
    if (base !== head && commit) base.commits.set(headSha, { ...commit, branch: null });
  };
  const touch = (pull: PullRequest) => {
    // GitHub's instants count seconds: two changes in one second look alike
    pull.updatedAt = now();
  };

  return {
    account,
    push,
    repository(path, { private: hidden = false, forkOf = undefined } = {}) {
      const [login = '', name = ''] = path.split('/');
      const repository: Repository = {
        id: state.nextId(),
        owner: account(login, 'Organization'),
        name,
        private: hidden,
        defaultBranch: 'main',
        parent: forkOf ?? null,
        commits: new Map(forkOf?.commits),
        branches: new Map(forkOf?.branches),
        collaborators: new Map(),
        createdAt: now(),
      };
      state.repositories.set(path.toLowerCase(), repository);
      if (!forkOf) push(repository);
      return repository;
    },
    openPullRequest(base, { from = base, branch, title = 'Improve something', author = account('ada') } = {}) {
      const number = state.pullRequests.filter((one) => one.base === base).length + 1;
      const headRef = branch ?? `change-${number}`;
      const headSha = push(from, headRef);
      const at = now();
      const pull: PullRequest = {
        id: state.nextId(),
        number,
        base,
        baseRef: base.defaultBranch,
        baseSha: base.branches.get(base.defaultBranch) ?? headSha,
        head: from,
        headRef,
        headSha,
        shas: [headSha],
        title,
        author,
        state: 'open',
        mergedAt: null,
        createdAt: at,
        updatedAt: at,
        closedAt: null,
      };
      shareWithBase(pull);
      state.pullRequests.push(pull);
      return pull;
    },
    pushTo(pull) {
      pull.headSha = push(pull.head, pull.headRef);
      pull.shas.push(pull.headSha);
      shareWithBase(pull);
      touch(pull);
      return pull.headSha;
    },
    closePullRequest(pull, { merged } = { merged: false }) {
      pull.state = 'closed';
      touch(pull);
      pull.closedAt = pull.updatedAt;
      if (merged) pull.mergedAt = pull.updatedAt;
    },
    reopenPullRequest(pull) {
      pull.state = 'open';
      pull.closedAt = null;
      touch(pull);
    },
    comment(pullRequest, author, body) {
      const made: Comment = { id: state.nextId(), pullRequest, author, body, createdAt: now() };
      state.comments.set(made.id, made);
      return made;
    },
    collaborate(repository, who, role) {
      repository.collaborators.set(who.login, role);
    },
    startWorkflow(repository, { sha, pull, event = pull ? 'pull_request' : 'push' } = {}) {
      const headSha = sha ?? pull?.headSha ?? repository.branches.get(repository.defaultBranch) ?? '';
      const at = now();
      const run: WorkflowRun = {
        id: state.nextId('check'),
        repository,
        headRepository: pull?.head ?? repository,
        headSha,
        headBranch: pull?.headRef ?? repository.defaultBranch,
        name: 'End-to-end tests',
        event,
        number: state.workflowRuns.size + 1,
        attempt: 1,
        status: 'in_progress',
        conclusion: null,
        actor: pull?.author ?? account('ada'),
        createdAt: at,
        updatedAt: at,
      };
      state.workflowRuns.set(run.id, run);
      return run;
    },
    completeWorkflow(run, conclusion) {
      Object.assign(run, { status: 'completed', conclusion, updatedAt: now() });
    },
    rerunWorkflow(run) {
      Object.assign(run, { status: 'in_progress', conclusion: null, attempt: run.attempt + 1, updatedAt: now() });
    },
    suite(app, repository, sha) {
      const suite = suiteFor(state, app, repository, sha, now());
      if (!suite) throw new Error(`${fullName(repository)} has no commit ${sha}`);
      return suite;
    },
    install(app, where, { id = state.nextId(), permissions = app.permissions } = {}) {
      const selected = Array.isArray(where);
      const owner = selected ? where[0]?.owner : where;
      if (!owner || state.installations.has(id))
        throw new Error('An installation needs an account and an id of its own');
      const made: Installation = {
        id,
        app,
        account: owner,
        selection: selected ? 'selected' : 'all',
        repositories: new Set(selected ? where : []),
        permissions: { metadata: 'read', ...permissions },
        suspendedAt: null,
        createdAt: now(),
      };
      state.installations.set(id, made);
      return made;
    },
    uninstall(installation) {
      state.installations.delete(installation.id);
    },
    suspend(installation) {
      installation.suspendedAt = now();
    },
    unsuspend(installation) {
      installation.suspendedAt = null;
    },
  };
}
