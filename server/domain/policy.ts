/** What the scheduler may be told; durations in milliseconds. The numbers were measured: docs/scheduling.md. */
export interface Policy {
  /** What a job is taken to need before its file has a history. */
  assumedJobMs: number;
  /** What an install is taken to need before the first one of its app version. */
  assumedInstallMs: number;
  /** What one install more is worth in installs' time of device work: higher means fewer devices per group. */
  installPrice: number;
  /** A free device joins a group that has enough devices if each has work for more installs than this. */
  joinInstalls: number;
  /** A device leaves its app version for a higher priority if no other frees up within so many installs. */
  urgentInstalls: number;
  /** The same for an equal one, or for an organisation that is behind. */
  patientInstalls: number;
  /** An equal newcomer goes first only where draining takes so many times as long. */
  drainRatio: number;
  /** Where it takes so many times as long, devices that free up are counted against all who wait for them. */
  lineRatio: number;
  /** Organisations whose weighted use differs by no more are level. */
  usageToleranceMs: number;
  /** One that is further behind than this takes devices of those ahead. Below `creditMs`, which hides a longer lag. */
  catchUpMs: number;
  /** So far behind the least used does an organisation start that comes back. */
  creditMs: number;
  /** A group that no device has served for so long is overdue. */
  overdueMs: number;
  /** It is sooner where installs are short: after so many of them, but not before a quarter of `overdueMs`. */
  overdueInstalls: number;
  /** A device that may stay with its group is not asked again for so long: files shorter than this share one decision. */
  stayMs: number;
  /** A device drains an app version for at least so long before it leaves it for an overdue group. */
  turnMs: number;
  /** A device takes an overdue group at most this often. */
  overdueEveryMs: number;
}

export const defaultPolicy: Policy = {
  assumedJobMs: 60_000,
  assumedInstallMs: 45_000,
  installPrice: 16,
  joinInstalls: 6,
  urgentInstalls: 2,
  patientInstalls: 4,
  drainRatio: 3,
  lineRatio: 10,
  usageToleranceMs: 600_000,
  catchUpMs: 900_000,
  creditMs: 1_200_000,
  overdueMs: 3_600_000,
  overdueInstalls: 80,
  overdueEveryMs: 1_200_000,
  turnMs: 600_000,
  stayMs: 1000,
};

/** What an operator may choose of it. */
export interface PolicyChoice {
  /** 16 unless told. Scales with it what a free device that nobody needs joins a group for. */
  installPrice?: number | undefined;
  /** 60 unless told. */
  overdueMinutes?: number | undefined;
}

/** In which an operator's choice has to be. */
export const policyLimits = { installPrice: { min: 1, max: 1000 }, overdueMinutes: { min: 1, max: 1440 } } as const;

export function policyOf({ installPrice = defaultPolicy.installPrice, overdueMinutes }: PolicyChoice): Policy {
  return {
    ...defaultPolicy,
    installPrice,
    joinInstalls: (defaultPolicy.joinInstalls * installPrice) / defaultPolicy.installPrice,
    overdueMs: overdueMinutes === undefined ? defaultPolicy.overdueMs : overdueMinutes * 60_000,
  };
}
