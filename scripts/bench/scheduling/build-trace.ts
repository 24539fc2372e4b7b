import type { Trace } from '../../../contract/trace.ts';
import { type Chance, createChance } from './chance.ts';

type Job = Trace['jobs'][number];
export type Kind = Omit<Trace['devices'][number], 'id'>;

/** Where a version's tests belong and when they are released, in seconds. */
export interface Where {
  org: string;
  priority: number;
  target: Job['target'];
  devices: NonNullable<Job['devices']>;
  at: (version: number, test: number) => number;
}

export interface Builder {
  chance: Chance;
  versions(count: number, tests: () => number, where?: Partial<Where>): void;
}

interface Shape {
  devices: number;
  /** What the devices are, by turns; emulators unless told. */
  kinds?: readonly Kind[];
  /** Around what an install takes. */
  installS?: number;
  /** How many of the tests come a second time, some minutes later. */
  retried?: number;
}

/** A trace from a seed: tests of a minute on average, of which the scheduler knows nothing, and installs of 0.4 to 2.5 times what is told. */
export function build(seed: number, shape: Shape, fill: (builder: Builder) => void): Trace {
  const chance = createChance(seed);
  const kinds = shape.kinds ?? [{ target: 'emulator' as const }];
  const trace: Trace = {
    devices: Array.from({ length: shape.devices }, (_, i) => ({
      ...(kinds[i % kinds.length] ?? { target: 'emulator' }),
      id: `d${i}`,
    })),
    jobs: [],
    install_s: {},
  };
  const add = (job: Omit<Job, 'id' | 'duration_s'>) =>
    trace.jobs.push({ ...job, id: `j${trace.jobs.length}`, duration_s: chance.lognormal(50, 0.6) });
  let made = 0;
  fill({
    chance,
    versions(count, tests, { org = 'acme', priority = 5, target = 'emulator', devices = [], at = () => 0 } = {}) {
      for (let version = 0; version < count; version++) {
        const id = `v${String(made++).padStart(4, '0')}`;
        trace.install_s[id] = (shape.installS ?? 45) * chance.lognormal(0.9, 0.46);
        const jobs = tests();
        for (let test = 0; test < jobs; test++) {
          const release_s = at(version, test);
          const job = { release_s, org_id: org, app_version_id: id, target, priority, devices };
          add(job);
          if (shape.retried && chance.uniform(0, 1) < shape.retried) {
            add({ ...job, release_s: release_s + chance.exponential(300) });
          }
        }
      }
    },
  });
  return trace;
}
