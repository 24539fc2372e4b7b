import type { Reset } from '../../contract/words.ts';
import type { CheckRun } from '../domain/check/run.ts';
import type { Agent, ApiKey, AppVersion, Attempt, Device, Job, Lease, Run } from '../domain/model.ts';
import type { PastJob } from '../domain/past-job.ts';

/** What use-cases return: the store's records, joined; server/http/present gives them the contract's shape. */

export interface JobView {
  job: Job;
  run: Pick<Run, 'project' | 'devices'>;
  /** Ended attempts without their tests, oldest first. */
  attempts: Omit<Attempt, 'tests' | 'resultHash'>[];
  /** Who holds it now; null unless assigned or running. */
  holder: { agent: string; device: string } | null;
}

export interface RunView {
  run: Run;
  /** Null where GitHub is not told of it. */
  check: CheckRun | null;
  jobs: JobView[];
}

/** A run with every test of every attempt. */
export interface ReportView {
  run: Run;
  check: CheckRun | null;
  jobs: (Omit<JobView, 'attempts'> & { attempts: Omit<Attempt, 'resultHash'>[] })[];
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** What ran, newest first, and the devices that are online; those only where the list begins. */
export interface TraceView {
  jobs: (Omit<PastJob, 'attempt'> & { attempt: NonNullable<PastJob['attempt']> })[];
  online: DeviceView[];
  nextCursor: string | null;
}

export interface AgentView {
  agent: Agent;
  online: boolean;
  devices: number;
  /** Those of them that take jobs at present. */
  devicesAtWork: number;
}

export interface DeviceView {
  device: Device;
  agentName: string;
  leaseId: string | null;
  /** Why it takes no jobs, since and until when; null unless it is set aside. */
  setAside: { why: string; sinceAt: number; until: number } | null;
}

export interface LeasedJobView {
  id: string;
  attempt: number;
  testPath: string;
  project: string | null;
  timeoutSeconds: number;
  reset: Reset;
  bundleSha256: string | null;
}

export interface ClaimView {
  lease: Pick<Lease, 'id' | 'token' | 'orgId' | 'appVersionId'>;
  ttlMs: number;
  appVersion: AppVersion | null;
  installRequired: boolean;
  jobs: LeasedJobView[];
}

export type KeyView = Omit<ApiKey, 'hash'>;
