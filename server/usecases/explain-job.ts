import type { Explanation } from '../../contract/job.ts';
import { explainWait, type WaitExplanation } from '../domain/explain.ts';
import type { Job } from '../domain/model.ts';
import type { Tx } from '../store/store.ts';
import { mustSee, notFound } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { onlineSince, serves } from './fleet.ts';
import { isHeldGroup, waitingForMaintainer } from './hold.ts';

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
      eta_seconds: explained.etaSeconds,
      suggestions: explained.suggestions,
    };
  });
}

/** Why a job waits, from what the store has now; null when its group is gone. */
export async function explain(deps: Deps, tx: Tx, job: Job, now: number): Promise<WaitExplanation | null> {
  const group = await tx.groups.find(job.groupId);
  if (!group) return isHeldGroup(job) ? explainHeld(job, now) : null;
  return explainWait({
    job,
    group,
    groups: await tx.groups.waiting(job.target, null),
    devices: await loadDevices(deps, tx, job, now),
    policy: deps.policy,
    now,
    jobsAheadInGroup: await tx.jobs.countAhead(job),
    averageJobMs: (await tx.results.averageDurationMs()) ?? deps.policy.assumedJobMs,
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
    etaSeconds: null,
    suggestions: waits ? ['Comment /qgjob run on the pull request, as somebody who may write to the repository.'] : [],
  };
}

/** Devices that serve the job's organisation, heard of within the last day, and what each works on. */
async function loadDevices(deps: Deps, tx: Tx, job: Job, now: number) {
  const since = onlineSince(deps, now);
  const leases = new Map((await tx.leases.active()).map((lease) => [`${lease.agentId} ${lease.deviceId}`, lease]));
  const known = await tx.agents.onlineDevices(now - 86_400_000);
  const devices = [];
  for (const { agent, device } of known.filter((entry) => serves(entry.agent, job.orgId))) {
    const lease = leases.get(`${agent.id} ${device.id}`);
    const group = lease && (await tx.groups.find(lease.groupId));
    const jobs = lease ? (await tx.jobs.ofLease(lease.id)).length : 0;
    devices.push({ device, online: agent.lastHeartbeatAt >= since, leased: group ? { group, jobs } : null });
  }
  return devices;
}
