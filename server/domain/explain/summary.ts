import { describeRest, restOf } from '../device-rest.ts';
import type { Group, Job } from '../model.ts';
import { describeRequirements } from '../requirement-text.ts';
import { placeOf } from '../retry-place.ts';
import type { Fleet } from './devices.ts';

/** Of the job's target, those of them that fit, those that take jobs now, and those of them that are free. */
type Fleets = Record<'ofTarget' | 'fitting' | 'usable' | 'free', Fleet>;

/** Of devices that take no jobs, so many are told of. */
const mostTold = 3;

/** The sentence that says why a job waits. Nothing in it tells the time that passes: check runs show it. */
export function summarise(
  { job, group, now, isAtLimit }: { job: Job; group: Group; now: number; isAtLimit: boolean },
  { ofTarget, fitting, usable, free }: Fleets,
  groupsAhead: number,
  jobsAhead: number,
): string {
  const wanted = describeRequirements(group);
  if (ofTarget.length === 0) return `No device of target ${group.target} is registered.`;
  if (fitting.length === 0) {
    // of a device that could not be asked yet nobody knows what it is
    const unknown = ofTarget.filter(({ device }) => device.model === null && device.state === 'offline');
    return `No registered device fits: ${wanted} (${count(ofTarget.length, 'device')} of that target do not).${describeResting(unknown, now)}`;
  }
  const kind = group.target === 'device' ? 'device' : `${group.target} device`;
  const fits = `${fitting.length} of ${count(ofTarget.length, kind)} ${fitting.length === 1 ? 'fits' : 'fit'}`;
  const resting = describeResting(fitting, now);
  if (usable.length === 0)
    return `${fits}, but ${fitting.length === 1 ? 'it takes no jobs' : 'none takes jobs'} now.${resting}`;
  if (job.cancelRequested) return 'A cancellation of the job was asked for.';
  if (isAtLimit)
    return `The organisation holds as many jobs at once as it may (max_active_jobs); ${fits}.${resting}${failedBefore(job, usable)}`;
  const line =
    jobsAhead === 0
      ? 'Nothing is ahead'
      : `${groupsAhead === 0 ? '' : `${count(groupsAhead, 'group')} and `}up to ${count(jobsAhead, 'job')} ${jobsAhead === 1 && groupsAhead === 0 ? 'is' : 'are'} ahead`;
  const rest = `${resting}${failedBefore(job, usable)}`;
  if (free.length > 0) return `${line}; ${fits} and ${free.length} ${free.length === 1 ? 'is' : 'are'} free.${rest}`;
  return `${line}; ${fits} and ${usable.length === 1 ? 'the one online is busy' : `all ${usable.length} online are busy`}.${rest}`;
}

/** Why those rest that could take the job; of agents that are not heard of nothing while others are at work. */
function describeResting(fitting: Fleet, now: number): string {
  const resting = fitting.flatMap((one) => {
    const rest = restOf(one, now);
    return rest ? [{ ...one, rest }] : [];
  });
  const relevant = resting.length < fitting.length ? resting.filter(({ away }) => away === null) : resting;
  const told = relevant.slice(0, mostTold).map(({ device, rest }) => ` ${describeRest(device, rest)}`);
  const untold = relevant.length - told.length;
  return `${told.join('')}${untold > 0 ? ` ${count(untold, 'more device')} ${untold === 1 ? 'rests' : 'rest'}.` : ''}`;
}

/** Where it failed it goes only when there is nowhere else to go. */
function failedBefore({ failedOn }: Job, usable: Fleet): string {
  const here = usable.filter(({ device, agentName }) => failedOn.includes(placeOf(agentName, device.id)));
  const [first] = here;
  if (!first || here.length === usable.length) return '';
  return ` It failed on ${here.length === 1 ? first.device.id : count(here.length, 'device')} and waits for another.`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
