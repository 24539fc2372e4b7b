import type { JobStatus } from '../../contract/words.ts';

/** What can happen to a job. */
export const jobEvents = ['claimed', 'started', 'finished', 'requeued', 'cancelled', 'expired'] as const;
export type JobEvent = (typeof jobEvents)[number];

/** Where an event takes a job, and who makes it happen. */
export interface Transition {
  to: JobStatus;
  by: string;
}

/**
 * The whole life of a job: every status and every event, null where the event may not happen. The only place that says so;
 * docs/lifecycle.md is generated from it.
 */
export const lifecycle = {
  queued: {
    claimed: { to: 'assigned', by: 'an agent claims it for a device' },
    started: null,
    finished: null,
    requeued: null,
    cancelled: { to: 'completed', by: 'a user, a newer run or a client that left cancels it' },
    expired: { to: 'completed', by: 'its queue deadline passes and no device has taken it' },
  },
  assigned: {
    claimed: null,
    started: { to: 'running', by: 'the agent starts its runner' },
    finished: { to: 'completed', by: 'the agent reports a result without a start: it could not be run' },
    requeued: { to: 'queued', by: 'the agent gives it back, may try it again, or fell silent' },
    cancelled: { to: 'completed', by: 'the agent lets go of a job whose cancellation was asked for' },
    expired: { to: 'completed', by: 'the agent fell silent and the job may not be tried again' },
  },
  running: {
    claimed: null,
    started: { to: 'running', by: 'the agent repeats its start, which changes nothing' },
    finished: { to: 'completed', by: 'the agent reports a result that is final' },
    requeued: { to: 'queued', by: 'the agent gives it back, its result leaves a retry, or the agent fell silent' },
    cancelled: { to: 'completed', by: 'the agent stops a job whose cancellation was asked for' },
    expired: { to: 'completed', by: 'the agent fell silent once too often while running it (quarantine)' },
  },
  completed: { claimed: null, started: null, finished: null, requeued: null, cancelled: null, expired: null },
} as const satisfies Record<JobStatus, Record<JobEvent, Transition | null>>;

/** Where `event` takes a job that is `status`; null when that may not happen. */
export function nextStatus(status: JobStatus, event: JobEvent): JobStatus | null {
  return lifecycle[status][event]?.to ?? null;
}
