import type { Claim, LeasedJob } from '../../contract/agent.ts';
import { WorkEnded } from '../work-ended.ts';

/** A lease this agent works on. */
export interface HeldLease {
  readonly lease: Claim['lease'];
  readonly deviceId: string;
  /** Aborts when the lease is lost or the agent stops. */
  readonly signal: AbortSignal;
  /** Takes up a job; the signal aborts with the lease, and when the job is cancelled. */
  begin(job: LeasedJob): AbortSignal;
  end(job: LeasedJob): void;
  /** The jobs under the lease that have no result yet. */
  jobIds(): string[];
  /** The server answered until when the lease is good: `forMs` from `sentAtMs`, when the request left. */
  renewed(forMs: number, sentAtMs: number): void;
  cancelJob(jobId: string): void;
  lose(message: string): void;
  /** The agent, or the device, goes away: the work is given back. */
  stop(why?: string): void;
  /** The work is over: its time no longer runs. */
  close(): void;
}

/** All leases of this agent: what heartbeats renew, workers work on, and a clock takes away. */
export interface HeldLeases {
  /** `sentAtMs`: when the claim's request left, at the latest that the server's clock can have started. */
  hold(claim: Claim, deviceId: string, sentAtMs: number): HeldLease;
  all(): HeldLease[];
}

export function createHeldLeases(): HeldLeases {
  const held = new Set<HeldLease>();
  return {
    all: () => [...held],
    hold(claim, deviceId, sentAtMs) {
      const lease = holdLease(claim, deviceId, () => held.delete(lease));
      lease.renewed(claim.lease.ttl_ms, sentAtMs);
      held.add(lease);
      return lease;
    },
  };
}

function holdLease(claim: Claim, deviceId: string, closed: () => void): HeldLease {
  const whole = new AbortController();
  const jobs = new Map(claim.jobs.map((job) => [job.id, new AbortController()]));
  let expiry: NodeJS.Timeout | undefined;
  const lose = (message: string) => whole.abort(new WorkEnded('lease_lost', message));
  return {
    lease: claim.lease,
    deviceId,
    signal: whole.signal,
    begin(job) {
      const own = jobs.get(job.id) ?? new AbortController();
      jobs.set(job.id, own);
      return AbortSignal.any([whole.signal, own.signal]);
    },
    end(job) {
      jobs.delete(job.id);
    },
    jobIds: () => [...jobs.keys()],
    renewed(forMs, sentAtMs) {
      clearTimeout(expiry);
      expiry = setTimeout(
        () => lose('The lease ran out: the server could not be reached in time.'),
        Math.max(0, sentAtMs + forMs - performance.now()),
      );
    },
    cancelJob(jobId) {
      jobs.get(jobId)?.abort(new WorkEnded('cancelled', 'The job was cancelled.'));
    },
    lose,
    stop: (why = 'The agent stops.') => whole.abort(new WorkEnded('stopping', why)),
    close() {
      clearTimeout(expiry);
      closed();
    },
  };
}
