import { deviceFits } from '../../../server/domain/grouping.ts';
import type { Group } from '../../../server/domain/model.ts';
import { createOrgClocks } from './org-clocks.ts';
import type { Choose } from './peers.ts';

type Scene = Parameters<Choose>[0];

const kappa = 16;
const toleranceMs = 600_000;
const starvedMs = 3_600_000;
/** A job under way is half done, and jobs are taken to need a minute. */
const restOfJobMs = 30_000;

/**
 * The policy that an earlier simulation described in words, written anew from those words alone: a yardstick on workloads that it left
 * no figures of. Where the words leave a choice it is said beside the code. It remembers, so each simulation needs one of its own.
 */
export function createToldPolicy(): Choose {
  const clocks = createOrgClocks();
  const servedAt = new Map<string, number>();
  let starvedTurns = 0;

  return (scene) => {
    const { now, asking } = scene;
    clocks.advance(scene);
    for (const { serves } of scene.workers) if (serves) servedAt.set(serves.id, now);
    const line = lineOf(scene);
    const { installed } = asking.device;
    const isHome = (group: Group) =>
      group.orgId === installed?.org_id && group.appVersionId === installed.app_version_id;
    const home = oldest(line.open.filter(isHome));
    if (home) {
      const rivals = line.open.filter((group) => !isHome(group) && isRival(group, home, line, clocks.of));
      return { group: firstOf(rivals, now, line, clocks.of) ?? home };
    }
    const starved = oldest(
      line.open.filter(
        (group) =>
          line.serving(group) === 0 && now - Math.max(group.headEnqueuedAt, servedAt.get(group.id) ?? 0) >= starvedMs,
      ),
    );
    // one is "free" when its version is drained: else 300 versions x 2 tests cost more than the 1.00 installs told
    if (starved && ++starvedTurns % 4 === 0) return { group: starved };
    const wanting = line.open.filter((group) => line.serving(group) < line.quota(group));
    const group = firstOf(wanting, now, line, clocks.of) ?? joined(line);
    return group && { group };
  };
}

type Line = ReturnType<typeof lineOf>;

/** What waits for the asking device, from counters alone. */
function lineOf({ groups, workers, asking }: Scene) {
  const open = groups.filter((group) => group.queued > 0 && deviceFits(asking.device, group));
  const waiting = new Map(groups.map((group) => [group.id, group.workMs]));
  const devices = new Map<string, number>();
  for (const { serves } of workers) if (serves) devices.set(serves.id, (devices.get(serves.id) ?? 0) + 1);
  const ofPriority: number[] = [];
  for (const { headPriority } of open) ofPriority[headPriority] = (ofPriority[headPriority] ?? 0) + 1;

  const serving = ({ id }: Pick<Group, 'id'>) => devices.get(id) ?? 0;
  const drainMs = (group: Pick<Group, 'id'>) => (waiting.get(group.id) ?? 0) / Math.max(1, serving(group));
  /** q counts what this device could have taken instead: only that is delayed by an install on it. */
  const quota = (group: Group) => {
    const fitting = workers.filter(({ device }) => deviceFits(device, group)).length;
    const rivals = ofPriority.reduce((sum, count, priority) => sum + (priority >= group.headPriority ? count : 0), 0);
    const best = Math.sqrt((group.workMs * fitting) / (rivals * kappa * installMsOf(group)));
    return Math.max(1, Math.min(fitting, Math.round(best)));
  };
  return {
    open,
    serving,
    drainMs,
    quota,
    needMs: (group: Group) => installMsOf(group) + group.workMs / quota(group),
    /** How many devices that fit the group are through with their own within so long, the asking one included. */
    freeWithin: (ms: number, group: Group) =>
      workers.filter(({ device, serves }) => {
        if (!deviceFits(device, group)) return false;
        const restMs = device === asking.device ? 0 : restOfJobMs;
        return (serves === null ? 0 : restMs + drainMs(serves)) <= ms;
      }).length,
    unserved: open.filter((group) => serving(group) === 0).length,
  };
}

function installMsOf(group: Group): number {
  return group.installMs ?? 45_000;
}

/** Classes order within an organisation: groups of another one count as of the same class. */
function isRival(group: Group, home: Group, line: Line, clockMs: (orgId: string) => number): boolean {
  if (line.serving(group) > 0) return false;
  if (group.orgId === home.orgId && group.headPriority !== home.headPriority) {
    return group.headPriority > home.headPriority && line.freeWithin(2 * installMsOf(group), group) === 0;
  }
  const drainsTimes = line.drainMs(home) / Math.max(1, line.needMs(group));
  // "10 x: count the whole line" is read so: then a device that frees up helps only if every group of the line gets one
  const wanted = drainsTimes > 10 ? line.unserved : 1;
  if (line.freeWithin(4 * (installMsOf(home) + installMsOf(group)), group) >= wanted) return false;
  return clockMs(home.orgId) - clockMs(group.orgId) > toleranceMs || drainsTimes > 3;
}

/** In the order told: the class within each organisation, the one with less device time, the response ratio, the age. */
function firstOf(groups: readonly Group[], now: number, line: Line, clockMs: (orgId: string) => number): Group | null {
  const leastMs = Math.min(...groups.map(({ orgId }) => clockMs(orgId)));
  const due = groups.filter(({ orgId }) => clockMs(orgId) <= leastMs + toleranceMs);
  const highest = new Map<string, number>();
  for (const { orgId, headPriority } of due)
    highest.set(orgId, Math.max(headPriority, highest.get(orgId) ?? headPriority));
  let [found, best]: [Group | null, number] = [null, 0];
  for (const group of due) {
    if (group.headPriority !== highest.get(group.orgId)) continue;
    const needMs = Math.max(1, line.needMs(group));
    const ratio = (now - group.headEnqueuedAt + needMs) / needMs;
    if (!found || ratio > best || (ratio === best && group.headEnqueuedAt < found.headEnqueuedAt)) {
      [found, best] = [group, ratio];
    }
  }
  return found;
}

/** The group with most work per device, if that exceeds six installs. */
function joined(line: Line): Group | null {
  let found: Group | null = null;
  for (const group of line.open) if (!found || line.drainMs(group) > line.drainMs(found)) found = group;
  return found && line.drainMs(found) > 6 * installMsOf(found) ? found : null;
}

function oldest(groups: readonly Group[]): Group | null {
  let found: Group | null = null;
  for (const group of groups) if (!found || group.headEnqueuedAt < found.headEnqueuedAt) found = group;
  return found;
}
