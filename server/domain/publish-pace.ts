/** How fast GitHub is written to. */
export interface PublishPace {
  /** Between two writes of one installation, ms: GitHub wants a second. */
  spacingMs: number;
  /** How long a lane is one server's for one write, ms: longer than the requests it takes may last together. */
  leaseMs: number;
  /** So much of that must be left when the write begins, ms: longer than a request may last. */
  reserveMs: number;
  /** Writes of one host at a time, each in a lane of its own. */
  lanesPerHost: number;
}

export const defaultPace: PublishPace = { spacingMs: 1_000, leaseMs: 90_000, reserveMs: 15_000, lanesPerHost: 16 };
