import type { TrustPolicyBody } from '../../contract/org.ts';
import type { Conclusion, DeviceRequirement, JobStatus, RunStatus, Target } from '../../contract/words.ts';
import type { AppSetup, RegisteredApp } from '../domain/github/app.ts';
import type { Agent, ApiKey, AppVersion, Attempt, Device, Group, Job, Lease, Org, Run } from '../domain/model.ts';
import type { CheckRecords } from './check-records.ts';
import type { HistoryRecords } from './history-records.ts';
import type { DurationRecords, FlakyRecords, InstallTimeRecords } from './learnt-records.ts';
import type { ApprovalRecords, DeliveryRecords, InstallationRecords, QuarantineRecords } from './webhook-records.ts';

/**
 * Where everything is kept. Whatever `transaction` resolved with is durable: neither a killed process nor a power cut
 * loses it.
 */
export interface Store {
  /**
   * Runs one unit of work: all of it or nothing of it, and nothing of it when `work` throws. `work` may be run again from
   * its beginning when another got in its way, so it must touch nothing but `tx` and await nothing but `tx`, one call after
   * another: a call that outlives its unit would write into the next.
   * Units of work on one group are done one after another.
   * @throws what `work` throws; DomainError `storage_full`; any other failure of the database as it is
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Reads committed state without waiting for writers; writing through it fails. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Resolves when the database answers, rejects when it does not. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Newest first, `limit` at most, older than the row numbered `before`. */
export interface ListFilter {
  orgId: string | null;
  conclusion?: Conclusion | undefined;
  appVersionId?: string | undefined;
  target?: Target | undefined;
  repositoryId?: number | undefined;
  headSha?: string | undefined;
  createdAfter?: number | undefined;
  before: number | null;
  limit: number;
}

/** A record with its number in the order of creation, for cursors. */
export type Numbered<T> = T & { seq: number };

export type AttemptWithoutTests = Omit<Attempt, 'tests'>;

export interface StoredEvent {
  runId: string;
  version: number;
  type: 'test' | 'device';
  data: unknown;
}

export interface Tx {
  orgs: OrgRecords;
  accounts: AccountRecords;
  runs: RunRecords;
  jobs: JobRecords;
  history: HistoryRecords;
  durations: DurationRecords;
  installTimes: InstallTimeRecords;
  flakyTests: FlakyRecords;
  groups: GroupRecords;
  results: ResultRecords;
  agents: AgentRecords;
  leases: LeaseRecords;
  checks: CheckRecords;
  githubApps: GithubAppRecords;
  deliveries: DeliveryRecords;
  approvals: ApprovalRecords;
  quarantines: QuarantineRecords;
  installations: InstallationRecords;
}

export interface OrgRecords {
  /** False when the id is taken. */
  insert(org: Org): Promise<boolean>;
  find(id: string): Promise<Org | undefined>;
  /** Kept from other units of work until this one ends: call it before a save, and before its jobs are counted for its limit. */
  lock(id: string): Promise<Org | undefined>;
  list(afterId: string, limit: number): Promise<Org[]>;
  save(org: Org): Promise<void>;
}

export interface AccountRecords {
  insertKey(key: ApiKey): Promise<void>;
  findKeyByHash(hash: string): Promise<ApiKey | undefined>;
  /** Those that are no session tokens, newest first. */
  listKeys(orgId: string): Promise<ApiKey[]>;
  /** Session tokens, newest first. */
  listSessions(orgId: string): Promise<ApiKey[]>;
  /** Whether any key, revoked or not, was ever made. */
  hasKeys(): Promise<boolean>;
  /** False when the org has no such key that is not revoked already. */
  revokeKey(orgId: string, id: string, at: number): Promise<boolean>;
  /** Revokes the session tokens that were given by a trust policy. */
  revokeSessions(trustPolicyId: string, at: number): Promise<void>;
  touchKey(id: string, at: number): Promise<void>;
  insertPolicy(policy: { id: string; orgId: string; body: TrustPolicyBody; createdAt: number }): Promise<void>;
  listPolicies(orgId: string): Promise<{ id: string; body: TrustPolicyBody; createdAt: number }[]>;
  /** Oldest first, kept from being deleted by other units of work until this one ends. */
  lockPolicies(orgId: string): Promise<{ id: string; body: TrustPolicyBody; createdAt: number }[]>;
  deletePolicy(orgId: string, id: string): Promise<boolean>;
  /** Notes that a token was exchanged; false when it was before. */
  useToken(token: { issuer: string; jti: string; deadAt: number }): Promise<boolean>;
  /** Deletes session tokens and used tokens that are dead by `now`, so many of each at most. */
  forgetDead(now: number, limit: number): Promise<void>;
  /** The size of bytes that this org has uploaded. */
  findBlob(orgId: string, sha256: string): Promise<{ sizeBytes: number } | undefined>;
  /** Whether any org has uploaded these bytes. */
  findAnyBlob(sha256: string): Promise<{ sizeBytes: number } | undefined>;
  insertBlob(blob: { orgId: string; sha256: string; sizeBytes: number; createdAt: number }): Promise<void>;
  /** False when the version is registered already. */
  insertAppVersion(version: AppVersion): Promise<boolean>;
  findAppVersion(orgId: string, id: string): Promise<AppVersion | undefined>;
  /** Newest first; every org's when `orgId` is null. */
  listAppVersions(orgId: string | null, offset: number, limit: number): Promise<AppVersion[]>;
  findAnswer(scope: string, key: string): Promise<{ requestHash: string; answer: unknown } | undefined>;
  insertAnswer(row: {
    scope: string;
    key: string;
    requestHash: string;
    answer: unknown;
    createdAt: number;
  }): Promise<void>;
}

export interface RunRecords {
  /** False when an active run has the same dedupe key. */
  insert(run: Run): Promise<boolean>;
  find(id: string): Promise<Run | undefined>;
  /** The run, kept from other units of work until this one ends. */
  lock(id: string): Promise<Run | undefined>;
  /** Writes everything that may change. @throws Conflict when the run is not at `fromVersion` any more */
  save(run: Run, fromVersion: number): Promise<void>;
  findByDedupeKey(key: string): Promise<Run | undefined>;
  findBySupersedeKey(key: string): Promise<Run[]>;
  /** The newest run of a rerun key from an attempt of the workflow run before `workflowAttempt`, completed or not. */
  findEarlierAttempt(rerunKey: string, workflowAttempt: number): Promise<Run | undefined>;
  /** Those that do again what a run did, newest first. */
  retriesOf(runId: string, limit: number): Promise<Run[]>;
  /** Of a commit of a repository, newest first. */
  ofCommit(repositoryId: number, headSha: string, limit: number): Promise<Run[]>;
  /** Of a repository, those that have not completed. */
  activeOf(repositoryId: number): Promise<Run[]>;
  /** Those of a content key that passed, newest first. */
  passedWith(contentKey: string, limit: number): Promise<Run[]>;
  list(filter: ListFilter & { status?: RunStatus | undefined }): Promise<Numbered<Run>[]>;
  /** Active runs whose queue deadline or client lease lies at or before `now`. */
  due(now: number, limit: number): Promise<Run[]>;
}

export interface JobRecords {
  insert(jobs: Job[]): Promise<void>;
  find(id: string): Promise<Job | undefined>;
  ofRun(runId: string): Promise<Job[]>;
  /** Those of the run that changed after `version`. */
  ofRunSince(runId: string, version: number): Promise<Job[]>;
  ofLease(leaseId: string): Promise<Job[]>;
  /** Of those waiting in a group, the ones to take next at `now`: none whose run's queue deadline or client lease has lapsed. */
  heads(groupId: string, limit: number, now: number): Promise<Job[]>;
  /** Writes everything that may change. @throws Conflict when the job is not at `fromVersion` any more */
  save(job: Job, fromVersion: number): Promise<void>;
  /** Puts a run's waiting jobs into another group; they are changed with `version`, the run's. */
  regroup(runId: string, groupId: string, version: number): Promise<void>;
  /** How many of its group's `queued` wait before a job: exactly for the first and last thousand, about so many between. */
  countAhead(job: Job, queued: number): Promise<number>;
  list(filter: ListFilter & { status?: JobStatus | undefined }): Promise<Numbered<Job>[]>;
}

export interface GroupRecords {
  /** Adds waiting jobs, making the group if there is none; no other unit of work touches the group until this one ends. */
  enqueue(
    group: { id: string; orgId: string; appVersionId: string; target: Target; devices: DeviceRequirement[] },
    jobs: { count: number; workMs: number; priority: number; enqueuedAt: number },
  ): Promise<void>;
  find(id: string): Promise<Group | undefined>;
  /** The group, kept from other units of work until this one ends. */
  lock(id: string): Promise<Group | undefined>;
  /** Those with waiting jobs; one org's, or every org's for null. */
  waiting(target: Target, orgId: string | null): Promise<Group[]>;
  /** Waiting and active jobs of one org, or of every org for null. */
  totals(orgId: string | null): Promise<{ queued: number; active: number; oldestEnqueuedAt: number | null }>;
  /** Changes the counters of a locked group and finds its new head. Call it after the jobs themselves are written. */
  move(id: string, by: { queued: number; active: number; workMs: number }): Promise<void>;
}

export interface ResultRecords {
  insert(attempt: Attempt): Promise<void>;
  find(jobId: string, number: number): Promise<Attempt | undefined>;
  /** Without their tests, oldest first. */
  ofJob(jobId: string): Promise<AttemptWithoutTests[]>;
  ofRun(runId: string): Promise<AttemptWithoutTests[]>;
  /** With every test, oldest first. */
  fullOfJob(jobId: string): Promise<Attempt[]>;
  /** A job that was carried over has the attempts of the one it stands for. */
  fullOfRun(runId: string): Promise<Attempt[]>;
  insertEvent(event: StoredEvent): Promise<void>;
  eventsSince(runId: string, version: number, limit: number): Promise<StoredEvent[]>;
}

export interface AgentRecords {
  insert(agent: Agent, devices: Device[]): Promise<void>;
  insertDevice(device: Device): Promise<void>;
  find(id: string): Promise<Agent | undefined>;
  /** Latest registered first; one org's, or all for null. */
  list(orgId: string | null, offset: number, limit: number): Promise<Agent[]>;
  save(agent: Agent): Promise<void>;
  devicesOf(agentId: string): Promise<Device[]>;
  findDevice(agentId: string, id: string): Promise<Device | undefined>;
  /** The same, kept from other units of work until this one ends. */
  lockDevice(agentId: string, id: string): Promise<Device | undefined>;
  /** All of it but what speaks against it: whoever else saves it at the time cannot undo that. */
  saveDevice(device: Device): Promise<void>;
  saveSuspicion(device: Pick<Device, 'agentId' | 'id' | 'suspicion' | 'suspectUntil'>): Promise<void>;
  /** A device as an earlier agent of that name and organisation had it, the latest that did. */
  lastKnownDevice(agent: Pick<Agent, 'orgId' | 'name'>, id: string): Promise<Device | undefined>;
  /** Agents heard of at or after `since`, with their devices. */
  onlineDevices(since: number): Promise<{ agent: Agent; device: Device }[]>;
}

export interface LeaseRecords {
  insert(lease: Lease): Promise<void>;
  find(id: string): Promise<Lease | undefined>;
  /** The lease, kept from other units of work until this one ends. */
  lock(id: string): Promise<Lease | undefined>;
  save(lease: Lease): Promise<void>;
  /** Extends it if it is active still, and this agent's; false otherwise. */
  renew(id: string, agentId: string, expiresAt: number): Promise<boolean>;
  active(): Promise<Lease[]>;
  activeOfDevice(agentId: string, deviceId: string): Promise<Lease | undefined>;
  expired(now: number, limit: number): Promise<Lease[]>;
}

export interface GithubAppRecords {
  /** By host. */
  list(): Promise<RegisteredApp[]>;
  find(host: string): Promise<RegisteredApp | undefined>;
  /** False when the host has one. */
  insert(app: RegisteredApp): Promise<boolean>;
  /** Puts it in the place of its host's, if that may be replaced still at `now`; false otherwise. */
  replace(app: RegisteredApp, now: number): Promise<boolean>;
  /** Lets the host's be replaced until then; false when there is none. */
  reopen(host: string, until: number): Promise<boolean>;
  remove(host: string): Promise<boolean>;
  insertSetup(setup: AppSetup): Promise<void>;
  /** Takes it out: of any number that ask, one gets it. */
  takeSetup(stateHash: string): Promise<AppSetup | undefined>;
  /** Deletes those that expired at or before `now`. */
  forgetSetups(now: number): Promise<void>;
}

/** Another unit of work changed the record first; the transaction is run again. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}
