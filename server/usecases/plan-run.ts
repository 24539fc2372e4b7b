import type { Plan, SubmitRun } from '../../contract/run.ts';
import { awayOf, restOf } from '../domain/device-rest.ts';
import { planRun as planGroups } from '../domain/plan.ts';
import { mustActFor } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { estimateMsOf, installMsOf } from './estimates.ts';
import { latestOfEach, onlineSince, serves, withRecalled } from './fleet.ts';

/** Devices heard of within the last day are told of, even if they are offline now. */
const knownMs = 86_400_000;

/** What a submission would do: groups, devices, installs and minutes to expect. Nothing is stored. @throws DomainError `org_mismatch` */
export async function planRun(deps: Deps, caller: Caller, body: SubmitRun): Promise<Plan> {
  mustActFor(caller, body.org_id);
  const now = deps.now();
  const tests = [...new Set(body.tests)];
  const group = {
    orgId: body.org_id,
    appVersionId: body.app_version_id,
    target: body.target,
    devices: body.devices ?? [],
  };
  const planned = await deps.store.read(async (tx) => {
    const known = await tx.agents.onlineDevices(now - knownMs);
    const installMs = await installMsOf(tx, group);
    const estimatesMs: number[] = [];
    for (const testPath of tests) estimatesMs.push(await estimateMsOf(deps, tx, group, testPath));
    return planGroups({
      groups: [{ group: { ...group, installMs }, estimatesMs }],
      devices: withRecalled(latestOfEach(known), onlineSince(deps, now), now)
        .filter(({ agent }) => serves(agent, group.orgId))
        .map(({ agent, device }) => {
          const away = awayOf(agent, onlineSince(deps, now));
          return {
            device,
            agentName: agent.name,
            usable: restOf({ device, agentName: agent.name, away }, now) === null,
          };
        }),
      policy: deps.policy,
    });
  });
  return {
    jobs: tests.length,
    predicted_installs: planned.predictedInstalls,
    predicted_minutes: planned.predictedMinutes,
    groups: planned.groups.map((g) => ({
      org_id: g.orgId,
      app_version_id: g.appVersionId,
      target: g.target,
      devices: g.devices,
      jobs: g.jobs,
      compatible_devices: g.compatibleDevices,
      predicted_installs: g.predictedInstalls,
      predicted_minutes: g.predictedMinutes,
    })),
    warnings: planned.warnings,
  };
}
