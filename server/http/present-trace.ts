import type { TraceDevice, TracePage } from '../../contract/trace.ts';
import type { Device } from '../domain/model.ts';
import type { TraceView } from '../usecases/views.ts';
import { instant } from './present.ts';

type Described = Pick<Device, 'platform' | 'model' | 'osVersion' | 'labels'>;

/** A page of a trace: each device once, and of each app version what its latest install took. */
export function presentTrace({ jobs, online, nextCursor }: TraceView): TracePage {
  const devices = new Map<string, TraceDevice>();
  const see = (id: string, target: Device['target'], described: Described | null) => {
    if (!devices.has(id)) devices.set(id, { id, target, ...(described ? kindOf(described) : {}) });
  };
  for (const { agentName, device } of online) see(`${agentName}/${device.id}`, device.target, device);
  const installS: TracePage['install_s'] = {};
  for (const { attempt, device, target, appVersionId, installMs } of jobs) {
    see(`${attempt.agent}/${attempt.device}`, device?.target ?? target, device);
    // a version that was never registered has no entry but what its devices told
    const made = attempt.install?.result === 'installed' ? attempt.install.durationMs : null;
    const tookMs = installMs ?? made;
    if (tookMs !== null) installS[appVersionId] ??= tookMs / 1000;
  }
  return { devices: [...devices.values()], jobs: jobs.map(presentJob), install_s: installS, next_cursor: nextCursor };
}

function presentJob(job: TraceView['jobs'][number]): TracePage['jobs'][number] {
  return {
    id: job.id,
    created_at: instant(job.createdAt),
    org_id: job.orgId,
    app_version_id: job.appVersionId,
    target: job.target,
    priority: job.priority,
    duration_s: job.attempt.durationMs / 1000,
    estimate_s: job.estimateMs / 1000,
    ...(job.requirements?.length ? { devices: job.requirements } : {}),
  };
}

function kindOf({ platform, model, osVersion, labels }: Described): Omit<TraceDevice, 'id' | 'target'> {
  return {
    platform,
    ...(model === null ? {} : { model }),
    ...(osVersion === null ? {} : { os_version: osVersion }),
    ...(labels.length > 0 ? { labels } : {}),
  };
}
