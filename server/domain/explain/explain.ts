import { restOf } from '../device-rest.ts';
import { deviceFits } from '../grouping.ts';
import type { Group, Job } from '../model.ts';
import type { Policy } from '../policy.ts';
import { describeRequirements } from '../requirement-text.ts';
import { isInstalled, type OrgUse } from '../scheduler/scene.ts';
import { type Candidate, candidatesOf, type Fleet, isUsable } from './devices.ts';
import { remainingMs, startsInMs } from './eta.ts';
import { summarise } from './summary.ts';

export interface ExplainInput {
  job: Job;
  group: Group;
  /** Groups with waiting jobs; whether `group` is among them does not matter. */
  groups: readonly Group[];
  /** Every device the organisation may use. */
  devices: Fleet;
  /** How the organisations of all these stand. */
  orgs: ReadonlyMap<string, OrgUse>;
  policy: Policy;
  now: number;
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
  /** Some of those that fit, the soonest free first. */
  candidates: Candidate[];
  /** Until it starts; null when that cannot be told, or when it waits no more. */
  etaSeconds: number | null;
  suggestions: string[];
}

/** Why a job waits, as one sentence and the numbers behind it. An estimate, never a promise: other submissions may come. */
export function explainWait(input: ExplainInput): WaitExplanation {
  const { job, group, now } = input;
  const ofTarget = input.devices.filter(({ device }) => device.target === group.target);
  const fitting = ofTarget.filter(({ device }) => deviceFits(device, group));
  const usable = fitting.filter((one) => isUsable(one, now));
  const free = usable.filter(({ device, leased }) => leased === null && device.state === 'idle');
  const devices = {
    registered: ofTarget.length,
    online: ofTarget.filter((one) => isUsable(one, now)).length,
    compatible: fitting.length,
    free: free.length,
    withAppInstalled: fitting.filter(({ device }) => device.installed !== null && isInstalled(device, group)).length,
  };
  const waitedUntil = job.startedAt ?? job.completedAt ?? now;
  const waitingSeconds = Math.max(0, Math.round((waitedUntil - job.createdAt) / 1000));
  if (job.status !== 'queued') {
    const nothing = { groupsAhead: 0, jobsAhead: 0, candidates: [], etaSeconds: null, suggestions: [] };
    return { summary: noLongerWaiting(job), waitingSeconds, devices, ...nothing };
  }
  const ahead = groupsAhead(input, usable);
  const jobsAhead = ownJobsAhead(input) + ahead.reduce((sum, { queued }) => sum + queued, 0);
  return {
    summary: summarise(
      { ...input, isAtLimit: isAtLimit(input) },
      { ofTarget, fitting, usable, free },
      ahead.length,
      jobsAhead,
    ),
    waitingSeconds,
    groupsAhead: ahead.length,
    jobsAhead,
    devices,
    candidates: candidatesOf(fitting, job, now),
    etaSeconds: etaSeconds(input, usable),
    suggestions: suggest(input, fitting, usable, jobsAhead),
  };
}

function isAtLimit({ job, orgs }: ExplainInput): boolean {
  return (orgs.get(job.orgId)?.room ?? 1) <= 0;
}

function noLongerWaiting({ status, conclusion, reason }: Job): string {
  if (status === 'assigned') return 'A device has taken the job; its runner has not started yet.';
  if (status === 'running') return 'The job is running.';
  const word = conclusion?.replace('_', ' ') ?? 'no conclusion';
  return reason ? `The job has completed (${word}): ${reason}` : `The job has completed (${word}).`;
}

/** Only the first waiting job of a group is known by age; any other has up to all of the rest before it. */
function ownJobsAhead({ job, group, jobsAheadInGroup }: ExplainInput): number {
  if (jobsAheadInGroup !== undefined) return jobsAheadInGroup;
  const isHead = job.priority === group.headPriority && job.enqueuedAt <= group.headEnqueuedAt;
  return isHead ? 0 : Math.max(0, group.queued - 1);
}

/**
 * The groups that usable devices will serve first: one under a lease there is drained first; one of the same organisation
 * goes first by priority, then age; of another organisation if that has used less device time by its weight, of one that is
 * level by age.
 */
function groupsAhead({ job, group, groups, orgs, policy }: ExplainInput, usable: Fleet): Group[] {
  const useOf = (orgId: string) => {
    const org = orgs.get(orgId);
    return org ? org.usageMs / org.weight : 0;
  };
  return groups
    .filter((other) => other.id !== group.id && other.queued > 0)
    .filter((other) => usable.some(({ device }) => deviceFits(device, other)))
    .filter((other) => {
      const lagMs = useOf(job.orgId) - useOf(other.orgId);
      const isLevel = Math.abs(lagMs) <= policy.usageToleranceMs;
      const older = isLevel ? other.headEnqueuedAt < job.enqueuedAt : lagMs > 0;
      const samePriority = other.orgId !== job.orgId || other.headPriority === job.priority;
      const morePressing = other.orgId === job.orgId && other.headPriority > job.priority;
      if (morePressing || (samePriority && older)) return true;
      const isServed = usable.some(({ leased }) => leased?.serves.id === other.id);
      return isServed && usable.every(({ leased }) => leased !== null);
    });
}

function etaSeconds(input: ExplainInput, usable: Fleet): number | null {
  const { job, group, groups, policy, now } = input;
  if (usable.length === 0) return null;
  const others = groups.filter(({ id }) => id !== group.id);
  const startMs = startsInMs({
    job,
    groups: [
      { ...group, queued: Math.max(1, group.queued), workMs: Math.max(job.estimateMs, group.workMs) },
      ...others,
    ],
    workers: input.devices
      .filter((one) => isUsable(one, now) && one.device.target === group.target)
      .map(({ device, orgId, leased }) => ({
        device,
        orgId,
        serves: leased?.serves ?? null,
        freeInMs: leased ? remainingMs(leased.estimateMs, leased.ranMs) : 0,
      })),
    ahead: ownJobsAhead(input),
    orgs: input.orgs,
    policy,
    now,
  });
  return startMs === null ? null : Math.round(startMs / 1000);
}

/** So many devices that rest are to be seen to. */
const mostHelps = 3;

function suggest(input: ExplainInput, fitting: Fleet, usable: Fleet, jobsAhead: number): string[] {
  const { group, job, now } = input;
  if (fitting.length === 0) {
    return [`Start an agent with a device of ${describeRequirements(group)}, or submit again with other requirements.`];
  }
  // an agent that is not heard of matters to those only who have no other
  const resting = usable.length > 0 ? fitting.filter(({ away }) => away === null) : fitting;
  const limit = isAtLimit(input)
    ? ['Wait for its other jobs, or raise its limit: `PUT /v1/orgs/{org}/limits`, `max_active_jobs`.']
    : [];
  const rests = [...new Set(resting.flatMap((one) => restOf(one, now)?.help ?? []))].slice(0, mostHelps);
  const helps = [...limit, ...rests];
  if (usable.length === 0 || jobsAhead < 10 * usable.length) return helps;
  return [
    ...helps,
    `Start more agents with devices of ${describeRequirements(group)}.`,
    ...(job.priority < 9 ? ['Submit what is urgent with a higher priority.'] : []),
  ];
}
