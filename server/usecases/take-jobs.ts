import { inState } from '../domain/device-rest.ts';
import type { Device, Group, Job, Lease } from '../domain/model.ts';
import type { Policy } from '../domain/policy.ts';
import { mayRunHere } from '../domain/retry-place.ts';
import { canTake, type Scene } from '../domain/scheduler/scene.ts';
import { atWork } from '../domain/scheduler/turn.ts';
import type { Tx } from '../store/store.ts';
import type { Changes } from './changes.ts';
import type { LeasedJobView } from './views.ts';

/** So many jobs that failed on the device may stand before one that may run on it. */
const mostFailedHere = 50;

/** The jobs of a group that the asking device takes next, `wanted` at most: none that failed on it and may run elsewhere. */
export async function findHeads(tx: Tx, scene: Scene, group: Group, wanted: number): Promise<Job[]> {
  const { asking, workers, now } = scene;
  const heads = await tx.jobs.heads(group.id, wanted, now);
  const here = asking.place;
  if (here === undefined || heads.every(({ failedOn }) => !failedOn.includes(here))) return heads;
  const elsewhere = workers.flatMap((one) => (one !== asking && one.place && canTake(one, group) ? [one.place] : []));
  const more = await tx.jobs.heads(group.id, wanted + mostFailedHere, now);
  return more.filter((job) => mayRunHere(job, here, elsewhere)).slice(0, wanted);
}

/**
 * How many more jobs an organisation may hold, counted again with its limit kept from others: of two claims at once, of different
 * groups, only one takes the last place.
 */
export async function roomLeft(tx: Tx, { orgs }: Scene, orgId: string): Promise<number> {
  const all = Number.POSITIVE_INFINITY;
  if ((orgs.get(orgId)?.room ?? all) === all) return all;
  const limit = (await tx.orgs.lock(orgId))?.maxActiveJobs ?? null;
  return limit === null ? all : limit - (await tx.groups.totals(orgId)).active;
}

/** Puts waiting jobs of a locked group under a lease, and notes on the device what it is at. */
export async function takeJobs(
  changes: Changes,
  lease: Lease,
  { group, heads, device }: { group: Group; heads: readonly Job[]; device: Device },
  policy: Policy,
): Promise<LeasedJobView[]> {
  const taken: LeasedJobView[] = [];
  for (const job of heads) {
    if (await ranUnder(changes, job, lease)) break;
    const moved = await changes.move(job, 'claimed', {
      leaseId: lease.id,
      attempts: job.attempts + 1,
      attemptStartedAt: null,
      reason: null,
      reasonCode: null,
    });
    taken.push(await leasedJob(changes, moved));
  }
  if (taken.length > 0) {
    const at = atWork(device, group, { now: changes.now, policy });
    const busy = inState({ ...device, ...at }, 'busy', null, changes.now);
    await changes.tx.agents.saveDevice({ ...busy, nothingOfGroupId: null });
  }
  return taken;
}

/**
 * A job to be tried again is taken under another lease, so that a result sent twice can never pass for the result of the
 * next attempt.
 */
async function ranUnder({ tx }: Changes, job: Job, lease: Lease): Promise<boolean> {
  if (job.attempts === 0) return false;
  return (await tx.results.ofJob(job.id)).some((attempt) => attempt.leaseId === lease.id);
}

async function leasedJob(changes: Changes, job: Job): Promise<LeasedJobView> {
  const { project, timeoutSeconds, reset, bundleSha256 } = await changes.run(job.runId);
  return { id: job.id, attempt: job.attempts, testPath: job.testPath, project, timeoutSeconds, reset, bundleSha256 };
}
