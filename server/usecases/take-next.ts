import type { Agent, Device, Group, Job, Lease } from '../domain/model.ts';
import { placeOf } from '../domain/retry-place.ts';
import { shareOf } from '../domain/scheduler/batch.ts';
import { chooseGroup } from '../domain/scheduler/choose.ts';
import type { Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { restsAside } from './fleet.ts';
import { loadScene } from './load-scene.ts';
import { findHeads, roomLeft, takeJobs } from './take-jobs.ts';
import type { LeasedJobView } from './views.ts';

interface Heads {
  group: Group;
  heads: Job[];
}

/** Up to `next` further jobs of a lease's group for its device, between two jobs; none when it is to do something else. */
export async function takeNext(deps: Deps, changes: Changes, lease: Lease, next: number): Promise<LeasedJobView[]> {
  if (next === 0 || lease.status !== 'active') return [];
  const { tx, now } = changes;
  const agent = await tx.agents.find(lease.agentId);
  const device = await tx.agents.findDevice(lease.agentId, lease.deviceId);
  if (!agent || !device || agent.command !== null || (await restsAside(deps, tx, device, now))) return [];
  await changes.flush();
  const stay = next === 1 && deps.stays.holds(lease.id, now) ? await goOn(changes, lease, { agent, device }) : null;
  const found = stay ?? (await ask(deps, changes, lease, { agent, device }, next));
  return found ? takeJobs(changes, lease, { ...found, device }, deps.policy) : [];
}

/**
 * The group's next job without asking the scheduler, which reads all groups, devices and leases: 2.4 times as fast at 64 of each
 * (`npm run bench:http`, G2). Null where it has to be asked. One job takes the place of the one that ended, so no limit is passed.
 */
async function goOn(
  { tx, now }: Changes,
  lease: Lease,
  { agent, device }: { agent: Agent; device: Device },
): Promise<Heads | null> {
  const group = await tx.groups.find(lease.groupId);
  const heads = group ? await tx.jobs.heads(group.id, 1, now) : [];
  const here = placeOf(agent.name, device.id);
  if (!group || heads.length === 0 || heads.some(({ failedOn }) => failedOn.includes(here))) return null;
  return { group, heads };
}

async function ask(
  deps: Deps,
  { tx, now }: Changes,
  lease: Lease,
  { agent, device }: { agent: Agent; device: Device },
  next: number,
): Promise<Heads | null> {
  // whatever was told of installs, the device has just run this one
  const installed = { org_id: lease.orgId, app_version_id: lease.appVersionId, sha256: null };
  const scene = await loadScene(deps, tx, { agent, device: { ...device, installed } }, now);
  const choice = chooseGroup(scene);
  // another group is another lease, which the agent asks for once it has given this one back
  if (choice?.group.id !== lease.groupId) return null;
  const { group } = choice;
  deps.stays.note(lease.id, now);
  const wanted = Math.min(await roomLeft(tx, scene, group.orgId), shareOf(scene, group, next));
  return wanted <= 0 ? null : { group, heads: await findHeads(tx, scene, group, wanted) };
}
