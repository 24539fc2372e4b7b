import type { Explanation } from '../../contract/job.ts';
import { awayOf } from '../domain/device-rest.ts';
import type { Fleet } from '../domain/explain/devices.ts';
import { explainWait, type WaitExplanation } from '../domain/explain/explain.ts';
import type { Job, Lease } from '../domain/model.ts';
import { placeOf } from '../domain/retry-place.ts';
import type { Tx } from '../store/store.ts';
import { mustSee, notFound } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { latestOfEach, onlineSince, servedBy, serves, withRecalled } from './fleet.ts';
import { isHeldGroup, waitingForMaintainer } from './hold.ts';
import { loadStanding } from './load-scene.ts';

/** Why a job waits, and for how long to expect. @throws DomainError `not_found` */
export async function explainJob(deps: Deps, caller: Caller, id: string): Promise<Explanation> {
  const now = deps.now();
  return deps.store.read(async (tx) => {
    const job = mustSee(caller, await tx.jobs.find(id), 'job', id);
    const explained = await explain(deps, tx, job, now);
    if (!explained) throw notFound('job', id);
    const { devices } = explained;
    return {
      job_id: job.id,
      status: job.status,
      summary: explained.summary,
      waiting_seconds: explained.waitingSeconds,
      groups_ahead: explained.groupsAhead,
      jobs_ahead: explained.jobsAhead,
      devices: {
        registered: devices.registered,
        online: devices.online,
        compatible: devices.compatible,
        free: devices.free,
        with_app_installed: devices.withAppInstalled,
      },
      candidates: explained.candidates.map(({ agent, device, state, freeInSeconds, rest, failedHere }) => ({
        agent,
        device,
        state,
        free_in_seconds: freeInSeconds,
        rest: rest && {
          reason: rest.why,
          since: rest.sinceAt === null ? null : new Date(rest.sinceAt).toISOString(),
          help: rest.help,
        },
        failed_here: failedHere,
      })),
      eta_seconds: explained.etaSeconds,
      suggestions: explained.suggestions,
    };
  });
}

/** Why a job waits, from what the store has now; null when its group is gone. */
export async function explain(deps: Deps, tx: Tx, job: Job, now: number): Promise<WaitExplanation | null> {
  const group = await tx.groups.find(job.groupId);
  if (!group) return isHeldGroup(job) ? explainHeld(job, now) : null;
  const groups = await tx.groups.waiting(job.target, null);
  const leases = await tx.leases.active();
  const orgIds = [job, ...groups, ...leases].map(({ orgId }) => orgId);
  return explainWait({
    job,
    group,
    groups,
    devices: await loadDevices(deps, tx, job, leases, now),
    orgs: await loadStanding(deps, tx, orgIds, leases, now),
    policy: deps.policy,
    now,
    jobsAheadInGroup: job.status === 'queued' ? await tx.jobs.countAhead(job, group.queued) : 0,
  });
}

/** Of a job that no device may take before a maintainer says so. */
function explainHeld(job: Job, now: number): WaitExplanation {
  const waits = job.status === 'queued';
  return {
    summary: waits ? waitingForMaintainer : `The job has completed: ${job.reason ?? 'it never ran.'}`,
    waitingSeconds: Math.max(0, Math.round(((job.completedAt ?? now) - job.createdAt) / 1000)),
    groupsAhead: 0,
    jobsAhead: 0,
    devices: { registered: 0, online: 0, compatible: 0, free: 0, withAppInstalled: 0 },
    candidates: [],
    etaSeconds: null,
    suggestions: waits ? ['Comment /qgjob run on the pull request, as somebody who may write to the repository.'] : [],
  };
}

/** Devices that serve the job's organisation, heard of within the last day, and what each works on. */
async function loadDevices(deps: Deps, tx: Tx, job: Job, active: readonly Lease[], now: number): Promise<Fleet> {
  const since = onlineSince(deps, now);
  const leases = new Map(active.map((lease) => [placeOf(lease.agentId, lease.deviceId), lease]));
  const known = withRecalled(latestOfEach(await tx.agents.onlineDevices(now - 86_400_000)), since, now);
  const devices: Fleet[number][] = [];
  for (const { agent, device } of known.filter((entry) => serves(entry.agent, job.orgId))) {
    const lease = leases.get(placeOf(agent.id, device.id));
    devices.push({
      device,
      agentName: agent.name,
      orgId: servedBy(agent),
      away: awayOf(agent, since),
      leased: lease && device.target === job.target ? await workOf(tx, lease, now) : null,
    });
  }
  return devices;
}

/** What is done under a lease: all its jobs, the first of them for as long as it has run. */
async function workOf(tx: Tx, lease: Lease, now: number): Promise<NonNullable<Fleet[number]['leased']>> {
  const jobs = await tx.jobs.ofLease(lease.id);
  const startedAt = jobs.find(({ attemptStartedAt }) => attemptStartedAt !== null)?.attemptStartedAt ?? lease.createdAt;
  return {
    serves: { id: lease.groupId, orgId: lease.orgId, appVersionId: lease.appVersionId },
    estimateMs: jobs.reduce((sum, { estimateMs }) => sum + estimateMs, 0),
    ranMs: now - startedAt,
  };
}
