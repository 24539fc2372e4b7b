import type { Device, Group, Job } from '../model.ts';
import type { Policy } from '../policy.ts';
import type { Worker } from '../scheduler/scene.ts';
import { type SimulatedJob, type Simulation, simulate } from '../simulation/simulate.ts';

export interface EtaInput {
  job: Pick<Job, 'id' | 'groupId' | 'orgId' | 'priority' | 'enqueuedAt' | 'estimateMs'>;
  /** Groups with waiting jobs, the job's own among them. */
  groups: readonly Group[];
  /** Devices at work. `freeInMs`: what is left of what each is doing; 0 when it is free. */
  workers: readonly (Worker & { freeInMs: number })[];
  /** How many of its own group wait before it. */
  ahead: number;
  /** How organisations stand. */
  orgs: NonNullable<Simulation['orgs']>;
  policy: Policy;
  now: number;
}

/** The cost must end: of so many groups, cut into so many pieces of work at most, the line is played through. */
const mostGroups = 100;
const mostPieces = 240;

/**
 * Milliseconds until a waiting job starts, installs included, by playing what waits now through the scheduler itself, every
 * job taking what it is expected to. Null where it starts on no device. Work is played in pieces of several jobs, so that it
 * costs the same for a million of them; what will be submitted later is not foreseen.
 */
export function startsInMs({ job, groups, workers, ahead, orgs, policy, now }: EtaInput): number | null {
  const { line, every } = thinOut(groups, job);
  const each = Math.max(2, Math.floor(mostPieces / Math.max(1, line.length)));
  const pieces = line.flatMap((group) =>
    group.id === job.groupId ? ownPieces(group, job, ahead, now) : cut(group, group.queued, group.workMs, each, now),
  );
  const begins = new Map(
    workers.map(({ device, orgId, serves, freeInMs }) => [
      busyWith(device, serves),
      { orgId, serves, freeMs: freeInMs },
    ]),
  );
  const starts = simulate({
    devices: [...begins.keys()],
    groups: line,
    jobs: pieces,
    orgs,
    policy,
    installMs: (group) => installMsOf(line, group, policy),
    begin: (device) => begins.get(device) ?? { orgId: null, serves: null, freeMs: 0 },
    until: job.id,
  });
  const start = starts.find((one) => one.job.id === job.id);
  return start ? start.takenMs * every + (start.startMs - start.takenMs) : null;
}

/** By the time a device is free it has on what it is busy with. */
function busyWith(device: Device, serves: Worker['serves']): Device {
  if (serves === null) return { ...device };
  return { ...device, installed: { org_id: serves.orgId, app_version_id: serves.appVersionId, sha256: null } };
}

/** What is left of a job that has run for a while: when it takes longer than expected, some more of that. */
export function remainingMs(estimateMs: number, ranMs: number): number {
  return Math.max(estimateMs - ranMs, estimateMs / 4);
}

/**
 * The job's own group, and of the others every n-th in the order of their pressing where they are too many: the line keeps its
 * shape and takes one n-th of the time.
 */
function thinOut(groups: readonly Group[], job: EtaInput['job']): { line: Group[]; every: number } {
  const own = groups.filter(({ id }) => id === job.groupId);
  const others = groups.filter(({ id, queued }) => id !== job.groupId && queued > 0);
  const every = Math.max(1, Math.ceil(others.length / mostGroups));
  if (every === 1) return { line: [...own, ...others], every };
  const pressing = others.toSorted((a, b) => b.headPriority - a.headPriority || a.headEnqueuedAt - b.headEnqueuedAt);
  return { line: [...own, ...pressing.filter((_, n) => n % every === every - 1)], every };
}

/** What waits before the job, the job, and what waits behind it, as one piece: the group is worth devices for that as well. */
function ownPieces(group: Group, job: EtaInput['job'], ahead: number, now: number): SimulatedJob[] {
  const meanMs = group.workMs / Math.max(1, group.queued);
  const behind = Math.max(0, group.queued - ahead - 1);
  const itself = { id: job.id, groupId: group.id, priority: job.priority, releaseMs: job.enqueuedAt - now };
  return [
    ...cut(group, ahead, ahead * meanMs, mostPieces / 4, now).map((piece) => ({
      ...piece,
      priority: Math.max(piece.priority, job.priority),
    })),
    { ...itself, durationMs: job.estimateMs, estimateMs: job.estimateMs },
    ...(behind === 0
      ? []
      : [{ ...itself, id: `${job.id}/behind`, durationMs: behind * meanMs, estimateMs: behind * meanMs }]),
  ];
}

/** Jobs of a group as at most so many equal pieces. */
function cut(group: Group, jobs: number, workMs: number, most: number, now: number): SimulatedJob[] {
  const pieces = Math.min(jobs, most);
  return Array.from({ length: pieces }, (_, n) => ({
    id: `${group.id}/${n}`,
    groupId: group.id,
    priority: group.headPriority,
    releaseMs: group.headEnqueuedAt - now,
    durationMs: workMs / pieces,
    estimateMs: workMs / pieces,
  }));
}

function installMsOf(
  groups: readonly Group[],
  { orgId, appVersionId }: Pick<Group, 'orgId' | 'appVersionId'>,
  policy: Policy,
): number {
  const known = groups.find((group) => group.orgId === orgId && group.appVersionId === appVersionId);
  return known?.installMs ?? policy.assumedInstallMs;
}
