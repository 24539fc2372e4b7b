import type { TestResult } from '../../contract/job.ts';
import type { Device, Group, Job } from '../../server/domain/model.ts';

export function aDevice(over: Partial<Device> = {}): Device {
  return {
    agentId: 'agt_1',
    id: 'emulator-1',
    target: 'emulator',
    platform: 'android',
    model: 'Pixel 8',
    osVersion: '14.2',
    labels: [],
    state: 'idle',
    stateReason: null,
    stateChangedAt: 0,
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

export function aGroup(over: Partial<Group> = {}): Group {
  return {
    id: 'grp_a',
    orgId: 'acme',
    appVersionId: '1.0',
    target: 'emulator',
    devices: [],
    queued: 1,
    active: 0,
    workMs: 60_000,
    installMs: null,
    headPriority: 5,
    headEnqueuedAt: 0,
    ...over,
  };
}

export function aJob(over: Partial<Job> = {}): Job {
  return {
    id: 'job_1',
    runId: 'run_1',
    orgId: 'acme',
    repositoryId: null,
    position: 0,
    groupId: 'grp_a',
    appVersionId: '1.0',
    testPath: 'tests/checkout.spec.ts',
    target: 'emulator',
    priority: 5,
    status: 'running',
    conclusion: null,
    reason: null,
    reasonCode: null,
    cancelRequested: false,
    carriedFrom: null,
    version: 1,
    createdAt: 0,
    enqueuedAt: 0,
    estimateMs: 60_000,
    startedAt: null,
    completedAt: null,
    leaseId: 'lse_1',
    attemptStartedAt: null,
    attempts: 0,
    testFailures: 0,
    infraFailures: 0,
    installFailures: 0,
    timeouts: 0,
    losses: 0,
    failedOn: [],
    counts: { total: 0, passed: 0, failed: 0, flaky: 0, skipped: 0 },
    ...over,
  };
}

export function aTest(over: Partial<TestResult> = {}): TestResult {
  return {
    id: 'pays',
    title: 'pays with a card',
    title_path: ['', 'checkout.spec.ts', 'pays with a card'],
    file: 'tests/checkout.spec.ts',
    line: 12,
    status: 'passed',
    retry: 0,
    duration_ms: 1500,
    errors: [],
    attachments: [],
    ...over,
  };
}
