import type { CheckOutput } from '../domain/check/output.ts';

/** A check run as GitHub has it. */
export interface RemoteCheckRun {
  id: number;
  externalId: string;
  name: string;
  headSha: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  /** How many annotations GitHub has taken so far; it only ever adds. */
  annotationsCount: number;
}

export interface RemotePullRequest {
  number: number;
  state: 'open' | 'closed';
  headSha: string;
  /** `owner/name` of the repository the head is in; null when that is gone. */
  headRepository: string | null;
  baseRepository: string;
  updatedAt: number;
}

/** What a check run is to show, as far as one request carries it. */
export interface CheckRunWrite extends Omit<CheckOutput, 'annotations'> {
  name: string;
  headSha: string;
  externalId: string;
  detailsUrl: string;
  /** At most 50. */
  annotations: CheckOutput['annotations'];
}

/** What GitHub said, or that nothing came back. */
export class GithubError extends Error {
  override readonly name = 'GithubError';
  /** 0 when no answer came: the request may have been carried out all the same. */
  readonly status: number;
  /** GitHub's own wish, ms from now; null where it said nothing. */
  readonly retryAfterMs: number | null;
  constructor(message: string, status: number, retryAfterMs: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * A repository as our GitHub App may act on it, with a token that is good for nothing else. Every method makes one request
 * and rejects with GithubError; repeating is the caller's business.
 */
export interface GithubRepository {
  createCheckRun(write: CheckRunWrite): Promise<RemoteCheckRun>;
  updateCheckRun(id: number, write: CheckRunWrite): Promise<RemoteCheckRun>;
  getCheckRun(id: number): Promise<RemoteCheckRun | null>;
  /** Ours of that name on a commit, newest first: how a create whose answer was lost is found again. */
  findCheckRuns(headSha: string, name: string): Promise<RemoteCheckRun[]>;
  getPullRequest(number: number): Promise<RemotePullRequest | null>;
  /** Open pull requests that a commit belongs to; the only way from a fork's push to its pull request. */
  pullRequestsOf(headSha: string): Promise<RemotePullRequest[]>;
  /** What a person may do here. */
  permissionOf(login: string): Promise<'admin' | 'write' | 'read' | 'none'>;
  getWorkflowRun(id: number): Promise<{ status: string; conclusion: string | null; runAttempt: number } | null>;
}

/** A delivery of a webhook as GitHub logged it. */
export interface RemoteDelivery {
  id: number;
  guid: string;
  deliveredAt: number;
  isSuccess: boolean;
}

/** An account that has installed the App. */
export interface RemoteInstallation {
  id: number;
  account: string;
  suspended: boolean;
  /** Whether of all the account's repositories, or of some. */
  selection: 'all' | 'selected';
}

/** One GitHub App on one host. Tokens never leave their host. */
export interface GithubApp {
  /** `github.com`, or the name of a GitHub Enterprise Server. */
  host: string;
  appId: number;
  /** The installation on a repository; null where the App is not installed there. */
  installationOf(repository: string): Promise<{ id: number; suspended: boolean } | null>;
  /** @param repositoryId what the token is limited to */
  repository(installationId: number, repository: string, repositoryId: number): GithubRepository;
  /** The first hundred, for doctor. */
  listInstallations(): Promise<RemoteInstallation[]>;
  /** Newest first. */
  listDeliveries(cursor: string | null): Promise<{ deliveries: RemoteDelivery[]; next: string | null }>;
  redeliver(deliveryId: number): Promise<void>;
  /** What the App is allowed and told of, for doctor. `clockSkewMs`: how far GitHub's clock is ahead of ours. */
  describe(): Promise<{
    slug: string;
    permissions: Record<string, string>;
    events: string[];
    webhookUrl: string | null;
    clockSkewMs: number;
  }>;
  /** Forgets tokens of an installation that was suspended or removed. */
  forget(installationId: number): void;
}

/** The GitHub Apps this server has, one per host. */
export interface Github {
  app(host: string): GithubApp | undefined;
  apps(): GithubApp[];
}
