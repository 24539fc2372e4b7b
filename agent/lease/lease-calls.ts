import type { z } from 'zod';
import type { Claim, InstallReport, JobResult, LeasedJob } from '../../contract/agent.ts';
import { type Client, ProblemError, UnreachableError } from '../../contract/client.ts';
import type { TestResult } from '../../contract/job.ts';
import { backoffMs, pause } from '../pause.ts';

/**
 * The writes under one lease. Each is repeated while the server cannot be reached and `signal` is not aborted; one that is
 * answered `lease_lost` or `not_found` is never repeated, and loses the lease.
 */
export interface LeaseCalls {
  reportInstall(report: z.infer<typeof InstallReport>): Promise<void>;
  startJob(jobId: string): Promise<void>;
  /** For those who watch: tried once, never fails. */
  reportTests(jobId: string, tests: TestResult[]): Promise<void>;
  /** Tried once. @throws ProblemError `offset_mismatch` with the server's offset, or UnreachableError */
  appendLog(jobId: string, offset: number, bytes: Uint8Array): Promise<void>;
  /** Stores a result; up to `next` further jobs come back. */
  putResult(jobId: string, result: z.infer<typeof JobResult>, next: number): Promise<LeasedJob[]>;
  /** Gives back the rest; a lease that is over already is no error. Does not wait for a server that is away. */
  release(reason: string): Promise<void>;
}

export interface LeaseCallsDeps {
  client: Client;
  lease: Claim['lease'];
  /** Aborts with the lease. */
  signal: AbortSignal;
  /** Called when the server says that the lease is over; aborts `signal`. */
  lost: (message: string) => void;
}

export function createLeaseCalls({ client, lease, signal, lost }: LeaseCallsDeps): LeaseCalls {
  const headers = { 'qgjob-lease-token': lease.token };
  const params = { id: lease.id };

  async function write<T>(call: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (error instanceof ProblemError && (error.code === 'lease_lost' || error.code === 'not_found')) {
        lost(error.message);
        signal.throwIfAborted();
      }
      throw error;
    }
  }

  async function persist<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await write(call);
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await pause(backoffMs(attempt, 5000), signal);
      signal.throwIfAborted();
    }
  }

  return {
    async reportInstall(body) {
      await persist(() => client.reportInstall({ params, headers, body }, { signal }));
    },
    async startJob(job_id) {
      await persist(() => client.startJob({ params: { ...params, job_id }, headers }, { signal }));
    },
    async reportTests(job_id, tests) {
      await write(() =>
        client.reportTests({ params: { ...params, job_id }, headers, body: { tests } }, { signal }),
      ).catch(() => undefined);
    },
    async appendLog(job_id, offset, bytes) {
      const range = `bytes ${offset}-${offset + bytes.length - 1}/*`;
      await write(() =>
        client.appendLog(
          // a copy, for fetch may still hold the buffer of a request that was cut
          {
            params: { ...params, job_id },
            headers: { ...headers, 'content-range': range },
            body: new Uint8Array(bytes),
          },
          { signal },
        ),
      );
    },
    async putResult(job_id, body, next) {
      const query = next > 0 ? { next } : {};
      const { body: accepted } = await persist(() =>
        client.putResult({ params: { ...params, job_id }, query, headers, body }, { signal }),
      );
      return accepted.jobs;
    },
    async release(reason) {
      await client.releaseLease({ params, headers, body: { reason } }, { timeoutMs: 10_000 }).catch((error) => {
        if (!(error instanceof ProblemError) && !(error instanceof UnreachableError)) throw error;
      });
    },
  };
}

/** Whether the same call may well succeed later. */
function isPassing(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof ProblemError && (error.status === 429 || error.status >= 500);
}
