import { deviceFits } from './grouping.ts';
import type { Device, Group } from './model.ts';
import type { Policy } from './policy.ts';
import { describeRequirements } from './requirement-text.ts';
import { type SimulatedStart, simulate } from './simulation/simulate.ts';
import { withUploads } from './simulation/uploads.ts';

export interface PlanInput {
  /** With what each job is expected to need, ms. */
  groups: readonly { group: PlanGroup; estimatesMs: readonly number[] }[];
  /** Whether each takes jobs now. */
  devices: readonly { device: Device; agentName: string; usable: boolean }[];
  policy: Policy;
}

type PlanGroup = Pick<Group, 'orgId' | 'appVersionId' | 'target' | 'devices' | 'installMs'>;

interface PlannedGroup {
  orgId: string;
  appVersionId: string;
  target: Group['target'];
  devices: Group['devices'];
  jobs: number;
  compatibleDevices: { agent: string; device: string; installed: boolean }[];
  predictedInstalls: number;
  /** Null where no device can run it now. */
  predictedMinutes: number | null;
}

export interface RunPlan {
  jobs: number;
  predictedInstalls: number;
  predictedMinutes: number | null;
  groups: PlannedGroup[];
  warnings: string[];
}

/**
 * What a submission would cost if nothing else were waiting, played through the scheduler itself on the devices that are
 * take jobs now, each test taking what it usually does. One that does not is listed as compatible but not counted on.
 */
export function planRun({ groups, devices, policy }: PlanInput): RunPlan {
  const usable = devices.filter((one) => one.usable);
  const named = groups.map(({ group, estimatesMs }, index) => ({
    ...group,
    id: String(index),
    jobs: estimatesMs.length,
    estimatesMs,
  }));
  const played = simulate({
    devices: usable.map(({ device }) => ({ ...device, ...atRest })),
    groups: named,
    jobs: named.flatMap((group) =>
      group.estimatesMs.map((estimateMs, number) => ({
        id: `${group.id}/${number}`,
        groupId: group.id,
        priority: 0,
        releaseMs: 0,
        durationMs: estimateMs,
        estimateMs,
      })),
    ),
    policy,
    installMs: ({ orgId, appVersionId }) =>
      named.find((group) => group.orgId === orgId && group.appVersionId === appVersionId)?.installMs ??
      policy.assumedInstallMs,
  });
  const starts = withUploads(
    played,
    named,
    devices.map(({ device }) => device),
  );
  const planned = named.map((group) =>
    planGroup(
      group,
      devices,
      starts.filter(({ job }) => job.groupId === group.id),
    ),
  );
  const minutes = planned.map(({ predictedMinutes }) => predictedMinutes).filter((value) => value !== null);
  return {
    jobs: planned.reduce((sum, group) => sum + group.jobs, 0),
    predictedInstalls: planned.reduce((sum, group) => sum + group.predictedInstalls, 0),
    predictedMinutes: minutes.length === planned.length ? Math.max(0, ...minutes) : null,
    groups: planned,
    warnings: planned.flatMap((group) => warningsFor(group, devices)),
  };
}

const atRest = { lastGroupId: null, turnStartedAt: null, helpedAt: null };

function planGroup(
  { orgId, appVersionId, target, devices, jobs }: PlanGroup & { jobs: number },
  all: PlanInput['devices'],
  starts: readonly SimulatedStart[],
): PlannedGroup {
  const fitting = all.filter(({ device }) => deviceFits(device, { target, devices }));
  return {
    orgId,
    appVersionId,
    target,
    devices,
    jobs,
    compatibleDevices: fitting.map(({ device, agentName }) => ({
      agent: agentName,
      device: device.id,
      installed: device.installed?.org_id === orgId && device.installed.app_version_id === appVersionId,
    })),
    predictedInstalls: starts.filter(({ installed }) => installed).length,
    predictedMinutes: starts.length < jobs ? null : Math.max(0, ...starts.map(({ endMs }) => endMs)) / 60_000,
  };
}

function warningsFor(group: PlannedGroup, all: PlanInput['devices']): string[] {
  const fitting = all.filter(({ device }) => deviceFits(device, group));
  const wanted = describeRequirements(group);
  if (fitting.length === 0)
    return [`No registered device fits ${wanted}: its jobs would wait until one is registered.`];
  if (!fitting.some(({ usable }) => usable)) {
    return [
      `No device that fits ${wanted} takes jobs now, 'qgjob devices' says why: its jobs would wait until one does.`,
    ];
  }
  return [];
}
