import type { Trace } from '../../../contract/trace.ts';
import { noSuspicion } from '../blame-matrix.ts';
import { groupKey } from '../grouping.ts';
import type { Device } from '../model.ts';
import { defaultPolicy, type Policy } from '../policy.ts';
import { ownValue } from './bounds.ts';
import type { SimulatedGroup, Simulation } from './simulate.ts';

/** What a trace asks of the simulator; a device that ran another app before has none on. */
export function simulationOf(trace: Trace, policy: Policy = defaultPolicy): Simulation {
  const groups = new Map<string, SimulatedGroup>();
  const installMs = (version: string) => (ownValue(trace.install_s, version) ?? policy.assumedInstallMs / 1000) * 1000;
  const jobs = trace.jobs.map((job) => {
    const devices = job.devices ?? [];
    const id = groupKey(job.org_id, job.app_version_id, job.target, devices);
    if (!groups.has(id)) {
      groups.set(id, {
        id,
        orgId: job.org_id,
        appVersionId: job.app_version_id,
        target: job.target,
        devices,
        installMs: installMs(job.app_version_id),
      });
    }
    return {
      id: job.id,
      groupId: id,
      priority: job.priority,
      releaseMs: job.release_s * 1000,
      durationMs: job.duration_s * 1000,
      estimateMs: job.estimate_s === undefined ? policy.assumedJobMs : job.estimate_s * 1000,
    };
  });
  return {
    devices: trace.devices.map(deviceOf),
    groups: [...groups.values()],
    jobs,
    policy,
    installMs: ({ appVersionId }) => installMs(appVersionId),
  };
}

function deviceOf(device: Trace['devices'][number]): Device {
  return {
    agentId: 'trace',
    id: device.id,
    target: device.target,
    platform: device.platform ?? 'android',
    model: device.model ?? null,
    osVersion: device.os_version ?? null,
    labels: device.labels ?? [],
    state: 'idle',
    stateReason: null,
    stateChangedAt: 0,
    installed: null,
    lastGroupId: null,
    turnStartedAt: null,
    helpedAt: null,
    nothingOfGroupId: null,
    suspicion: noSuspicion,
    suspectUntil: null,
  };
}
