/** What can go wrong with one request. `committed`: the request has taken effect before it goes wrong, and the caller cannot know. */
export type Fault =
  | { kind: 'status'; status: 500 | 502 | 503 | 504; committed?: boolean }
  | { kind: 'hang'; committed?: boolean }
  | { kind: 'reset'; committed?: boolean }
  | { kind: 'slow'; delayMs: number }
  | { kind: 'unauthorized' }
  | { kind: 'secondary-limit'; status?: 403 | 429; retryAfterSeconds?: number }
  | { kind: 'primary-limit'; resetInMs: number };

export interface Aim {
  /** `METHOD /path/{parameter}` as in GitHub's description; any route unless told. */
  route?: string;
  /** How many requests it hits; 1 unless told, Infinity for all. */
  times?: number;
  /** How many matching requests pass before; 0 unless told. */
  after?: number;
}

export interface ArmedFault {
  /** How often it has hit. */
  readonly hits: number;
  disarm(): void;
}

export interface Faults {
  /** Lays a fault in wait. The first armed that matches is taken. */
  arm(fault: Fault, aim?: Aim): ArmedFault;
  /** Everything fails like this until told null. */
  outage(fault: Fault | null): void;
  /** The fault that hits a request, if any; counts it. */
  take(route: string): Fault | undefined;
}

export function createFaults(): Faults {
  const waiting: { fault: Fault; aim: Aim; left: number; pass: number; hits: number }[] = [];
  let down: Fault | null = null;
  return {
    arm(fault, aim = {}) {
      const one = { fault, aim, left: aim.times ?? 1, pass: aim.after ?? 0, hits: 0 };
      waiting.push(one);
      return {
        get hits() {
          return one.hits;
        },
        disarm() {
          one.left = 0;
        },
      };
    },
    outage(fault) {
      down = fault;
    },
    take(route) {
      if (down) return down;
      for (const one of waiting) {
        if (one.left <= 0 || (one.aim.route ?? route) !== route) continue;
        if (one.pass > 0) {
          one.pass -= 1;
          continue;
        }
        one.left -= 1;
        one.hits += 1;
        return one.fault;
      }
      return undefined;
    },
  };
}
