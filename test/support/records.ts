import type { CheckRun } from '../../server/domain/check/run.ts';
import type {
  Agent,
  ApiKey,
  AppVersion,
  Attempt,
  Device,
  Group,
  Job,
  Lease,
  Org,
  Run,
} from '../../server/domain/model.ts';
import type { StoredEvent } from '../../server/store/store.ts';

/** Full records with plain values; a test names only what it is about. Ids are never the same twice in a process. */

let made = 0;

/** A new id that says what it names. */
export const newId = (kind: string): string => `${kind}_${String(++made).padStart(8, '0')}`;

/** The instant all records are from unless told otherwise. */
export const noon = Date.UTC(2026, 0, 15, 12);

export const noCounts = { total: 0, passed: 0, failed: 0, flaky: 0, skipped: 0 };

export function org(over: Partial<Org> = {}): Org {
  const id = over.id ?? newId('org');
  return {
    id,
    name: `Organisation ${id}`,
    createdAt: noon,
    maxQueuedJobs: null,
    maxActiveJobs: null,
    weight: 1,
    usageMs: 0,
    ...over,
  };
}

export function apiKey(over: Partial<ApiKey> = {}): ApiKey {
  const id = over.id ?? newId('key');
  return {
    id,
    orgId: 'acme',
    role: 'submit',
    name: 'ci',
    hash: `hash of ${id}`,
    shared: false,
    createdAt: noon,
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    trustPolicyId: null,
    workflow: null,
    ...over,
  };
}

export function appVersion(over: Partial<AppVersion> = {}): AppVersion {
  return {
    orgId: 'acme',
    id: newId('app'),
    sha256: 'a'.repeat(64),
    platform: 'android',
    fileName: 'app.apk',
    sizeBytes: 1024,
    createdAt: noon,
    ...over,
  };
}

export function run(over: Partial<Run> = {}): Run {
  return {
    id: newId('run'),
    orgId: 'acme',
    appVersionId: 'app-1',
    target: 'emulator',
    priority: 5,
    project: null,
    devices: [],
    status: 'queued',
    conclusion: null,
    reason: null,
    version: 1,
    attempt: 1,
    retryOf: null,
    createdAt: noon,
    startedAt: null,
    completedAt: null,
    testRetries: 0,
    infraRetries: 2,
    timeoutSeconds: 600,
    reset: 'data',
    bundleSha256: null,
    queueTimeoutMs: null,
    queueDeadlineAt: null,
    clientLeaseMs: null,
    clientLeaseExpiresAt: null,
    github: null,
    repositoryId: null,
    headSha: null,
    supersedeKey: null,
    dedupeKey: null,
    rerunKey: null,
    contentKey: null,
    workflowAttempt: null,
    awaitingApproval: false,
    jobsTotal: 1,
    jobsQueued: 1,
    jobsActive: 0,
    installsMade: 0,
    installsAvoided: 0,
    installMsSaved: 0,
    counts: noCounts,
    ...over,
  };
}

export function job(over: Partial<Job> = {}): Job {
  return {
    id: newId('job'),
    runId: 'run-1',
    orgId: 'acme',
    repositoryId: null,
    position: 0,
    groupId: 'group-1',
    appVersionId: 'app-1',
    testPath: 'tests/checkout.spec.ts',
    target: 'emulator',
    priority: 5,
    status: 'queued',
    conclusion: null,
    reason: null,
    reasonCode: null,
    cancelRequested: false,
    carriedFrom: null,
    version: 1,
    createdAt: noon,
    enqueuedAt: noon,
    estimateMs: 60_000,
    startedAt: null,
    completedAt: null,
    leaseId: null,
    attemptStartedAt: null,
    attempts: 0,
    testFailures: 0,
    infraFailures: 0,
    installFailures: 0,
    timeouts: 0,
    losses: 0,
    failedOn: [],
    counts: noCounts,
    ...over,
  };
}

/** A group as jobs are added to it: without the counters, which the store keeps. */
export function group(over: Partial<Group> = {}): Pick<Group, 'id' | 'orgId' | 'appVersionId' | 'target' | 'devices'> {
  return { id: newId('group'), orgId: 'acme', appVersionId: 'app-1', target: 'emulator', devices: [], ...over };
}

export function attempt(over: Partial<Attempt> = {}): Attempt {
  return {
    jobId: 'job-1',
    number: 1,
    agent: 'mac-mini-1',
    device: 'pixel-1',
    leaseId: 'lease-1',
    outcome: 'passed',
    startedAt: noon,
    endedAt: noon + 1000,
    durationMs: 1000,
    install: null,
    counts: noCounts,
    errors: [],
    tests: [],
    resultHash: null,
    ...over,
  };
}

export function event(over: Partial<StoredEvent> = {}): StoredEvent {
  return { runId: 'run-1', version: 1, type: 'test', data: {}, ...over };
}

export function agent(over: Partial<Agent> = {}): Agent {
  const id = over.id ?? newId('agent');
  return {
    id,
    orgId: 'acme',
    keyId: 'key-1',
    shared: false,
    name: id,
    labels: [],
    command: null,
    registeredAt: noon,
    lastHeartbeatAt: noon,
    ...over,
  };
}

export function device(over: Partial<Device> = {}): Device {
  return {
    agentId: 'agent-1',
    id: newId('device'),
    target: 'emulator',
    platform: 'android',
    model: null,
    osVersion: null,
    labels: [],
    state: 'idle',
    stateReason: null,
    stateChangedAt: noon,
    installed: null,
    lastGroupId: null,
    turnStartedAt: null,
    helpedAt: null,
    nothingOfGroupId: null,
    suspicion: { tests: [], passes: 0 },
    suspectUntil: null,
    ...over,
  };
}

export function lease(over: Partial<Lease> = {}): Lease {
  const id = over.id ?? newId('lease');
  return {
    id,
    token: `token of ${id}`,
    agentId: 'agent-1',
    agentName: 'mac-mini-1',
    deviceId: 'pixel-1',
    groupId: 'group-1',
    orgId: 'acme',
    appVersionId: 'app-1',
    status: 'active',
    createdAt: noon,
    expiresAt: noon + 60_000,
    endedAt: null,
    install: null,
    installAttributed: false,
    ...over,
  };
}

/** A check run that GitHub has not heard of, in a lane of its own. */
export function checkRun(over: Partial<CheckRun> = {}): CheckRun {
  const runId = over.runId ?? newId('run');
  return {
    runId,
    host: 'github.com',
    owner: newId('owner'),
    repository: 'acme/shop',
    repositoryId: 77,
    headSha: 'c'.repeat(40),
    name: 'qgjob',
    externalId: `${runId}:1`,
    createdAt: noon,
    remoteId: null,
    remoteCompleted: false,
    state: 'open',
    urgency: 1,
    dueAt: noon,
    notBefore: 0,
    attempts: 0,
    generation: 1,
    uncertain: false,
    takenAt: null,
    publishedHash: null,
    annotationsSent: 0,
    lastError: null,
    ...over,
  };
}
