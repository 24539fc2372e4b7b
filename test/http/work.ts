import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { JobResult } from '../../contract/agent.ts';
import type { Client } from '../../contract/client.ts';
import type { TestResult } from '../../contract/job.ts';
import type { SubmitRun } from '../../contract/run.ts';

/** A submission of one spec file; every property may be told. */
export function submission(orgId: string, overrides: Partial<SubmitRun> = {}): SubmitRun {
  return { org_id: orgId, app_version_id: '1.0', target: 'emulator', tests: ['tests/login.spec.ts'], ...overrides };
}

/** A test result; every property may be told. */
export function testResult(overrides: Partial<TestResult> = {}): TestResult {
  return {
    id: 'login-1',
    title: 'logs in',
    title_path: ['login.spec.ts', 'logs in'],
    file: 'tests/login.spec.ts',
    line: 3,
    status: 'passed',
    retry: 0,
    duration_ms: 1200,
    errors: [],
    attachments: [],
    ...overrides,
  };
}

/** A passed job's result; every property may be told. */
export function jobResult(overrides: Partial<z.output<typeof JobResult>> = {}): z.output<typeof JobResult> {
  return { outcome: 'passed', duration_ms: 1500, tests: [testResult()], errors: [], ...overrides };
}

/** An agent with one emulator, which claims and reports as the contract has it. */
export async function startAgent(client: Client) {
  const registered = await client.registerAgent({
    body: { name: 'bench-1', devices: [{ id: 'pixel', target: 'emulator', platform: 'android' }] },
  });
  const { id } = registered.body.agent;
  return {
    id,
    async claim(maxJobs = 1) {
      const { body } = await client.claim({ params: { id }, body: { device_id: 'pixel', max_jobs: maxJobs } });
      if (!body) throw new Error('there was nothing to claim');
      const headers = { 'qgjob-lease-token': body.lease.token };
      const of = (jobId: string) => ({ params: { id: body.lease.id, job_id: jobId }, headers });
      return {
        ...body,
        leaseId: body.lease.id,
        headers,
        jobIds: body.jobs.map((job) => job.id),
        start: (jobId: string) => client.startJob(of(jobId)),
        log: (jobId: string, offset: number, text: string) =>
          client.appendLog({
            ...of(jobId),
            headers: { ...headers, 'content-range': `bytes ${offset}-${offset + Buffer.byteLength(text) - 1}/*` },
            body: text,
          }),
        tests: (jobId: string, tests: TestResult[]) => client.reportTests({ ...of(jobId), body: { tests } }),
        result: (jobId: string, result = jobResult()) => client.putResult({ ...of(jobId), body: result }),
        /** Leaves the group to other devices. */
        release: () => client.releaseLease({ params: { id: body.lease.id }, headers, body: {} }),
        install: (durationMs: number) =>
          client.reportInstall({
            params: { id: body.lease.id },
            headers,
            body: { result: 'installed', sha256: body.app_version.sha256, duration_ms: durationMs },
          }),
      };
    },
  };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
