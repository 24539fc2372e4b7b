import { deviceFits } from './grouping.ts';
import type { Device, Group, Job } from './model.ts';
import type { Policy } from './policy.ts';
import { describeRequirements } from './requirement-text.ts';

export interface ExplainInput {
  job: Job;
  group: Group;
  /** Groups with waiting jobs; whether `group` is among them does not matter. */
  groups: readonly Group[];
  /** Every device the organisation may use; `jobs` of `leased` are those still under that lease. */
  devices: readonly { device: Device; online: boolean; leased: { group: Group; jobs: number } | null }[];
  policy: Policy;
  now: number;
  averageJobMs: number;
  /** How many of its own group come before it; left out, all the others are taken to. */
  jobsAheadInGroup?: number;
}

export interface WaitExplanation {
  summary: string;
  waitingSeconds: number;
  groupsAhead: number;
  /** At most so many: of the groups ahead it is not known which of their jobs are. */
  jobsAhead: number;
  /** Of the job's target: all, those online, those that fit, those that fit and are free, those that fit with the app on. */
  devices: { registered: number; online: number; compatible: number; free: number; withAppInstalled: number };
  /** Until it starts; null when that cannot be told, or when it waits no more. */
  etaSeconds: number | null;
  suggestions: string[];
}

type Fleet = ExplainInput['devices'];

/** Why a job waits, as one sentence and the numbers behind it. An estimate, never a promise: other submissions may come. */
export function explainWait(input: ExplainInput): WaitExplanation {
  const { job, group, now } = input;
  const ofTarget = input.devices.filter(({ device }) => device.target === group.target);
  const fitting = ofTarget.filter(({ device }) => deviceFits(device, group));
  const usable = fitting.filter(isUsable);
  const free = usable.filter(({ device, leased }) => leased === null && device.state === 'idle');
  const devices = {
    registered: ofTarget.length,
    online: ofTarget.filter(isUsable).length,
    compatible: fitting.length,
    free: free.length,
    withAppInstalled: fitting.filter(({ device }) => hasApp(device, group)).length,
  };
  const waitedUntil = job.startedAt ?? job.completedAt ?? now;
  const waitingSeconds = Math.max(0, Math.round((waitedUntil - job.createdAt) / 1000));
  if (job.status !== 'queued') {
    const nothing = { groupsAhead: 0, jobsAhead: 0, etaSeconds: null, suggestions: [] };
    return { summary: noLongerWaiting(job), waitingSeconds, devices, ...nothing };
  }
  const ahead = groupsAhead(input, usable);
  const jobsAhead =
    (input.jobsAheadInGroup ?? ownJobsAhead(job, group)) + ahead.reduce((sum, { jobs }) => sum + jobs, 0);
  return {
    summary: summarise(input, { ofTarget, fitting, usable, free }, ahead.length, jobsAhead),
    waitingSeconds,
    groupsAhead: ahead.length,
    jobsAhead,
    devices,
    etaSeconds: usable.length === 0 ? null : etaSeconds(input, jobsAhead, usable.length, free.length),
    suggestions: suggest(input, fitting, usable, jobsAhead),
  };
}

function isUsable({ device, online }: Fleet[number]): boolean {
  return online && (device.state === 'idle' || device.state === 'busy');
}

function hasApp(device: Device, group: Group): boolean {
  return device.installed?.org_id === group.orgId && device.installed.app_version_id === group.appVersionId;
}

function noLongerWaiting({ status, conclusion, reason }: Job): string {
  if (status === 'assigned') return 'A device has taken the job; its runner has not started yet.';
  if (status === 'running') return 'The job is running.';
  const word = conclusion?.replace('_', ' ') ?? 'no conclusion';
  return reason ? `The job has completed (${word}): ${reason}` : `The job has completed (${word}).`;
}

/** Only the first waiting job of a group is known by age; any other has up to all of the rest before it. */
function ownJobsAhead(job: Job, group: Group): number {
  const isHead = job.priority === group.headPriority && job.enqueuedAt <= group.headEnqueuedAt;
  return isHead ? 0 : Math.max(0, group.queued - 1);
}

/**
 * The groups that usable devices will serve first, with the jobs that means: one under a lease there is drained
 * first; one of the same organisation goes first by priority, then age; of another organisation by age, since
 * between organisations use decides, which evens out.
 */
function groupsAhead(input: ExplainInput, usable: Fleet): { group: Group; jobs: number }[] {
  const { job, group, groups } = input;
  return groups
    .filter((other) => other.id !== group.id && other.queued > 0)
    .filter((other) => usable.some(({ device }) => deviceFits(device, other)))
    .flatMap((other) => {
      const older = other.headEnqueuedAt < job.enqueuedAt;
      const samePriority = other.orgId !== job.orgId || other.headPriority === job.priority;
      const morePressing = other.orgId === job.orgId && other.headPriority > job.priority;
      if (morePressing || (samePriority && older)) return [{ group: other, jobs: other.queued }];
      const server = usable.find(({ leased }) => leased?.group.id === other.id);
      if (!server || usable.some(({ leased }) => leased === null)) return [];
      return [{ group: other, jobs: other.queued }];
    });
}

function etaSeconds({ averageJobMs, policy }: ExplainInput, jobsAhead: number, usable: number, free: number): number {
  const jobMs = averageJobMs > 0 ? averageJobMs : policy.assumedJobMs;
  // a device in the middle of a job is taken to be half through it
  const untilFreeMs = free > 0 ? 0 : jobMs / 2;
  return Math.round((untilFreeMs + Math.floor(jobsAhead / usable) * jobMs) / 1000);
}

function summarise(
  { job, group }: ExplainInput,
  { ofTarget, fitting, usable, free }: Record<'ofTarget' | 'fitting' | 'usable' | 'free', Fleet>,
  groupsAhead: number,
  jobsAhead: number,
): string {
  const wanted = describeRequirements(group);
  if (ofTarget.length === 0) return `No device of target ${group.target} is registered.`;
  if (fitting.length === 0)
    return `No registered device fits: ${wanted} (${count(ofTarget.length, 'device')} of that target do not).`;
  const fits = `${fitting.length} of ${count(ofTarget.length, `${group.target} device`)} ${fitting.length === 1 ? 'fits' : 'fit'}`;
  if (usable.length === 0) return `${fits}, but none of them is online.`;
  if (job.cancelRequested) return 'A cancellation of the job was asked for.';
  const line =
    jobsAhead === 0
      ? 'Nothing is ahead'
      : `${groupsAhead === 0 ? '' : `${count(groupsAhead, 'group')} and `}up to ${count(jobsAhead, 'job')} ${jobsAhead === 1 && groupsAhead === 0 ? 'is' : 'are'} ahead`;
  if (free.length > 0) return `${line}; ${fits} and ${free.length} ${free.length === 1 ? 'is' : 'are'} free.`;
  return `${line}; ${fits} and ${usable.length === 1 ? 'the one online is busy' : `all ${usable.length} online are busy`}.`;
}

function suggest({ group, job }: ExplainInput, fitting: Fleet, usable: Fleet, jobsAhead: number): string[] {
  if (fitting.length === 0) {
    return [`Start an agent with a device of ${describeRequirements(group)}, or submit again with other requirements.`];
  }
  if (usable.length === 0)
    return ['Start the agents of these devices again: `qgjob agents list` shows who is offline.'];
  if (jobsAhead < 10 * usable.length) return [];
  return [
    `Start more agents with devices of ${describeRequirements(group)}.`,
    ...(job.priority < 9 ? ['Submit what is urgent with a higher priority.'] : []),
  ];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
