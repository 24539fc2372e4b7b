import type { Workload } from '../workloads.ts';
import { fewVersions, hugeInstalls, mondayMorning, oneFloods, pullRequestStorm, waves } from './bursts.ts';
import { createDraw, type Draw } from './draw.ts';
import { anything, everywhereAtOnce, heldByPeople, mixedTargets, nightlyMatrix } from './fleets.ts';
import { allPriorities, longAmongShort, oneDevice, releases, smallInstalls } from './streams.ts';

export type UnseenWorkload = Workload & {
  /** Only what all of them gave together is printed, so that nobody tunes for one. */
  isHeldOut: boolean;
};

type Favoured = Workload['isFavoured'];
const isUrgent: Favoured = (job) => job.priority >= 8;

const kinds: [name: string, fill: (draw: Draw) => void, isFavoured: Favoured][] = [
  ['Monday morning: a burst of heavy-tailed durations', mondayMorning, isUrgent],
  ['a nightly matrix of five OS versions beside pull requests', nightlyMatrix, (job) => job.priority === 5],
  ['one organisation floods, nine are small', oneFloods, (job) => job.org_id !== 'large'],
  ['emulators, phones and a cloud, of different versatility', mixedTargets, (job) => !!job.devices?.length],
  ['installs of minutes, tests of seconds', hugeInstalls, null],
  ['installs of seconds, tests of minutes', smallInstalls, null],
  ['release after release, and hotfixes', releases, isUrgent],
  ['people take single devices for a while', heldByPeople, (job) => job.org_id === 'people'],
  ['every priority from 0 to 9', allPriorities, isUrgent],
  ['waves', waves, null],
  ['a storm of pull requests with one test each', pullRequestStorm, isUrgent],
  ['tests of 20 minutes among short ones', longAmongShort, null],
  ['few versions, many devices', fewVersions, null],
  ['many versions, one device', oneDevice, isUrgent],
  ['every version on several fleets that overlap', everywhereAtOnce, null],
  ['anything at once', anything, isUrgent],
];

/**
 * Made without a look at the scheduler, after its rules were: kinds of work that teams have, every number of which is drawn anew for
 * each seed. Every second one is held out.
 */
export const unseenWorkloads: UnseenWorkload[] = kinds.map(([name, fill, isFavoured], index) => ({
  name,
  isFavoured,
  isHeldOut: index % 2 === 1,
  make(seed) {
    const draw = createDraw((index + 1) * 10_007 + seed);
    fill(draw);
    return draw.trace;
  },
}));
