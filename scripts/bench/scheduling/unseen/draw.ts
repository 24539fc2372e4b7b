import type { Trace } from '../../../../contract/trace.ts';
import type { Kind } from '../build-trace.ts';
import { createChance } from '../chance.ts';

type Job = Trace['jobs'][number];
type Device = Omit<Kind, 'id'>;

/** One app version's tests that want the same devices. */
export interface Batch {
  tests: number;
  org?: string;
  priority?: number;
  target?: Job['target'];
  devices?: NonNullable<Job['devices']>;
  /** When a test is released, s. */
  at?: (test: number) => number;
  /** How long a test takes, s; a draw of the trace's usual one unless told. */
  durationS?: () => number;
}

export type Draw = ReturnType<typeof createDraw>;

/** A trace in the making: every number of it drawn from `seed`. */
export function createDraw(seed: number) {
  const chance = createChance(seed);
  /** As likely between 1 and 10 as between 10 and 100. */
  const scale = (from: number, to: number) => Math.exp(chance.uniform(Math.log(from), Math.log(to)));
  const whole = (from: number, to: number) => Math.floor(chance.uniform(from, to + 1));
  const trace: Trace = { devices: [], jobs: [], install_s: {} };
  const usual = { medianS: scale(20, 120), spread: chance.uniform(0.3, 1), installS: scale(15, 120) };

  return {
    trace,
    chance,
    scale,
    whole,
    /** True in so many of all cases. */
    happens: (share: number) => chance.uniform(0, 1) < share,
    meanTestS: usual.medianS * Math.exp(usual.spread ** 2 / 2),
    devices(count: number, kind: Device = { target: 'emulator' }): void {
      for (let made = 0; made < count; made++) trace.devices.push({ ...kind, id: `d${trace.devices.length}` });
    },
    /** A new app version that takes `installS`, or what is usual in this trace, with everything it is to run. */
    version(batches: readonly Batch[], installS = usual.installS * chance.lognormal(1, 0.4)): void {
      const id = `v${Object.keys(trace.install_s).length}`;
      trace.install_s[id] = installS;
      for (const { tests, org = 'acme', priority = 5, target = 'emulator', devices = [], ...own } of batches) {
        for (let test = 0; test < tests; test++) {
          trace.jobs.push({
            id: `j${trace.jobs.length}`,
            release_s: own.at?.(test) ?? 0,
            org_id: org,
            app_version_id: id,
            target,
            priority,
            devices,
            duration_s: own.durationS?.() ?? chance.lognormal(usual.medianS, usual.spread),
          });
        }
      }
    },
  };
}

/** Submissions one after another that ask for `load` of the devices: calls `submit` with each one's instant and tests. */
export function arrive(
  draw: Draw,
  { load, versions, tests, testS = draw.meanTestS }: { load: number; versions: number; tests: number; testS?: number },
  submit: (atS: number, tests: number) => void,
): void {
  const pauseS = (tests * testS) / (load * draw.trace.devices.length);
  for (let made = 0, atS = 0; made < versions; made++, atS += draw.chance.exponential(pauseS)) {
    submit(atS, draw.chance.geometric(tests));
  }
}
