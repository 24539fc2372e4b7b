import type { InstalledApp } from '../../contract/agent.ts';
import type { TestError, TestResult } from '../../contract/job.ts';
import type {
  AgentCommand,
  AttemptOutcome,
  Conclusion,
  Counts,
  DeviceRequirement,
  DeviceState,
  GithubContext,
  InstallResult,
  JobStatus,
  KeyRole,
  Platform,
  ReasonCode,
  Reset,
  RunStatus,
  Target,
} from '../../contract/words.ts';
import type { Suspicion } from './blame-matrix.ts';

/** What the store keeps. Instants are milliseconds since the epoch, UTC, by the server's clock; names end in `At`. */

export interface Org {
  id: string;
  name: string;
  createdAt: number;
  maxQueuedJobs: number | null;
  maxActiveJobs: number | null;
  weight: number;
  /** Device milliseconds on its clock: see domain/fairness. */
  usageMs: number;
}

export interface ApiKey {
  id: string;
  /** Null: the operator's, good for every organisation. */
  orgId: string | null;
  role: KeyRole;
  name: string;
  hash: string;
  /** An agent key whose agents serve every organisation. */
  shared: boolean;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
  /** Of a session token: the trust policy it was given by, which it does not outlive. */
  trustPolicyId: string | null;
  /** Of a session token: the workflow it was given to. */
  workflow: Workflow | null;
}

/** A run of a GitHub workflow, as GitHub signed it. */
export interface Workflow {
  repository: string;
  repositoryId: number;
  runId: number;
  runAttempt: number;
}

export interface Run {
  id: string;
  orgId: string;
  appVersionId: string;
  target: Target;
  priority: number;
  project: string | null;
  devices: DeviceRequirement[];
  status: RunStatus;
  conclusion: Conclusion | null;
  reason: string | null;
  version: number;
  attempt: number;
  retryOf: string | null;
  createdAt: number;
  startedAt: number | null;
  completedAt: number | null;
  testRetries: number;
  infraRetries: number;
  timeoutSeconds: number;
  reset: Reset;
  bundleSha256: string | null;
  queueTimeoutMs: number | null;
  /** Null also while it awaits approval: until then no device could take its jobs. */
  queueDeadlineAt: number | null;
  clientLeaseMs: number | null;
  clientLeaseExpiresAt: number | null;
  github: GithubContext | null;
  /** GitHub's id of the repository it is for; null where the submission did not tell. */
  repositoryId: number | null;
  headSha: string | null;
  /** Runs with the same key supersede one another; null where nothing can. */
  supersedeKey: string | null;
  /** Digest of the submission; unique among active runs, null where deduplication is off. */
  dedupeKey: string | null;
  /** The same for every attempt of a workflow run's step that asks for the same results; null where GitHub is not told of. */
  rerunKey: string | null;
  /** The same for every run of one repository that tests the same bytes in the same way; null where the bytes are not known. */
  contentKey: string | null;
  /** GitHub's number of the workflow run's attempt, from 1. */
  workflowAttempt: number | null;
  /** Its commit is a fork's and nobody has approved it yet: no device may take its jobs. */
  awaitingApproval: boolean;
  jobsTotal: number;
  jobsQueued: number;
  jobsActive: number;
  installsMade: number;
  installsAvoided: number;
  installMsSaved: number;
  counts: Counts;
}

export interface Job {
  id: string;
  runId: string;
  orgId: string;
  /** Its run's. */
  repositoryId: number | null;
  /** Its place in the run, from 0. */
  position: number;
  groupId: string;
  appVersionId: string;
  testPath: string;
  target: Target;
  priority: number;
  status: JobStatus;
  conclusion: Conclusion | null;
  reason: string | null;
  reasonCode: ReasonCode | null;
  cancelRequested: boolean;
  carriedFrom: string | null;
  /** The run's version at the job's last change: rises with every change, not by one. */
  version: number;
  createdAt: number;
  /** Kept over retries, so that a retried job keeps its place. */
  enqueuedAt: number;
  /** What it was expected to need when it was submitted: see domain/estimate. */
  estimateMs: number;
  startedAt: number | null;
  completedAt: number | null;
  /** The lease that holds it; null unless assigned or running. */
  leaseId: string | null;
  /** When the present attempt's runner started. */
  attemptStartedAt: number | null;
  attempts: number;
  testFailures: number;
  infraFailures: number;
  /** Attempts that could not put the app on the device. */
  installFailures: number;
  /** Attempts that the job's time limit ended. */
  timeouts: number;
  /** How many agents fell silent while they ran it. */
  losses: number;
  /** Devices its attempts failed on, as domain/retry-place names them. */
  failedOn: string[];
  counts: Counts;
}

/** One execution, written when it ends. */
export interface Attempt {
  jobId: string;
  number: number;
  agent: string;
  device: string;
  leaseId: string;
  outcome: AttemptOutcome;
  startedAt: number | null;
  endedAt: number;
  durationMs: number;
  install: AttemptInstall | null;
  counts: Counts;
  errors: TestError[];
  tests: TestResult[];
  /** SHA-256 of the result as reported, so that the same result again is known for the same. */
  resultHash: string | null;
}

export interface AttemptInstall {
  result: InstallResult;
  durationMs: number;
  reason: string | null;
}

/**
 * Jobs that share organisation, app version, target and device requirements, as counters: what the scheduler decides by,
 * without reading jobs. Kept in the same transaction as the jobs.
 */
export interface Group {
  id: string;
  orgId: string;
  appVersionId: string;
  target: Target;
  devices: DeviceRequirement[];
  /** Jobs waiting. */
  queued: number;
  /** Jobs under a lease. */
  active: number;
  /** What the waiting jobs are expected to need, ms: the sum of their estimates. */
  workMs: number;
  /** What an install of its app version took last; null before the first. */
  installMs: number | null;
  /** The waiting job that comes first: its priority and when it was enqueued. Meaningless while `queued` is 0. */
  headPriority: number;
  headEnqueuedAt: number;
}

export interface Agent {
  id: string;
  orgId: string | null;
  keyId: string;
  /** Serves every organisation. */
  shared: boolean;
  name: string;
  labels: string[];
  command: AgentCommand | null;
  registeredAt: number;
  lastHeartbeatAt: number;
}

export interface Device {
  agentId: string;
  id: string;
  target: Target;
  platform: Platform;
  model: string | null;
  osVersion: string | null;
  labels: string[];
  state: DeviceState;
  /** Why it takes no jobs, as its agent says: foreign text of one line; null while it does. */
  stateReason: string | null;
  /** Since when it is in this state. */
  stateChangedAt: number;
  installed: InstalledApp | null;
  /** The group it took jobs of last. */
  lastGroupId: string | null;
  /** When it took up the app version that it has on. */
  turnStartedAt: number | null;
  /** When it last took up a group that was overdue: see domain/scheduler/overdue. */
  helpedAt: number | null;
  /** A group whose app it has on and of which it could take no job when it asked last: all failed on it and can go elsewhere. */
  nothingOfGroupId: string | null;
  /** What speaks against it: see domain/blame-matrix. */
  suspicion: Suspicion;
  /** Set aside until then, so that it takes no jobs; null when it is not. */
  suspectUntil: number | null;
}

export interface Lease {
  id: string;
  /** Random, 128 bits; every write under the lease must show it. */
  token: string;
  agentId: string;
  agentName: string;
  deviceId: string;
  groupId: string;
  orgId: string;
  appVersionId: string;
  status: 'active' | 'released' | 'lost';
  createdAt: number;
  expiresAt: number;
  endedAt: number | null;
  /** What the device did about the app under this lease; null until told. */
  install: AttemptInstall | null;
  /** Whether an attempt carries the made install already; those after it avoided one. */
  installAttributed: boolean;
}

export interface AppVersion {
  orgId: string;
  id: string;
  sha256: string;
  platform: Platform;
  fileName: string;
  sizeBytes: number;
  createdAt: number;
}
