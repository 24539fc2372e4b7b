/** What the scheduler may be told; durations in milliseconds. */
export interface Policy {
  /** A device yields after so many jobs of one app version, if another group waits that no device serves. */
  maxGroupJobs: number;
  /** The same by time. */
  maxGroupMs: number;
  /** An organisation's past device use counts half after this long. */
  usageHalfLifeMs: number;
  /** What a job in progress is taken to cost its organisation, its end being unknown. */
  assumedJobMs: number;
  /** Organisations whose weighted use differs by less are level. */
  usageToleranceMs: number;
}

export const defaultPolicy: Policy = {
  maxGroupJobs: 20,
  maxGroupMs: 10 * 60_000,
  usageHalfLifeMs: 30 * 60_000,
  assumedJobMs: 60_000,
  usageToleranceMs: 60_000,
};
