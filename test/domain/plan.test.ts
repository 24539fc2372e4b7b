import { expect, test } from 'vitest';
import { type PlanInput, planRun } from '../../server/domain/plan.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { aDevice, aGroup } from './factories.ts';

const online = (id: string, over: Parameters<typeof aDevice>[0] = {}) => ({
  device: aDevice({ id, ...over }),
  agentName: 'lab',
  usable: true,
});
const minutes = (jobs: number) => Array.from({ length: jobs }, () => 60_000);
const plan = (over: Partial<PlanInput>) =>
  planRun({
    groups: [{ group: aGroup({ installMs: 30_000 }), estimatesMs: minutes(6) }],
    devices: [],
    policy: defaultPolicy,
    ...over,
  });

test('six jobs on one device cost one install and six jobs of time', () => {
  expect(plan({ devices: [online('d1')] })).toMatchObject({ jobs: 6, predictedInstalls: 1, predictedMinutes: 6.5 });
});

test('a device that has the app needs no install', () => {
  const installed = { org_id: 'acme', app_version_id: '1.0', sha256: null };
  const planned = plan({ devices: [online('d1', { installed })] });
  expect(planned).toMatchObject({ predictedInstalls: 0, predictedMinutes: 6 });
  expect(planned.groups[0]?.compatibleDevices).toEqual([{ agent: 'lab', device: 'd1', installed: true }]);
});

test('two versions on two devices cost two installs and no more', () => {
  const groups = [
    { group: aGroup({ appVersionId: '1.0', installMs: 30_000 }), estimatesMs: minutes(4) },
    { group: aGroup({ appVersionId: '1.1', installMs: 30_000 }), estimatesMs: minutes(4) },
  ];
  const planned = plan({ groups, devices: [online('d1'), online('d2')] });
  expect(planned).toMatchObject({ predictedInstalls: 2, predictedMinutes: 4.5 });
  expect(planned.groups.map(({ predictedInstalls }) => predictedInstalls)).toEqual([1, 1]);
});

test('devices of one id on two agents are two devices', () => {
  const devices = [online('d1'), online('d1', { agentId: 'agt_2' })];
  expect(plan({ devices })).toMatchObject({ predictedInstalls: 2, predictedMinutes: 3.5 });
});

test('a device that would wait is not promised: none fits, or those that fit are offline', () => {
  const groups = [{ group: aGroup({ devices: [{ platform: 'ios' }] }), estimatesMs: minutes(2) }];
  const none = plan({ groups, devices: [online('d1')] });
  expect(none).toMatchObject({ predictedInstalls: 0, predictedMinutes: null });
  expect(none.warnings).toEqual([
    'No registered device fits target=emulator platform=ios: its jobs would wait until one is registered.',
  ]);
  const offline = plan({ devices: [{ ...online('d1'), usable: false }] });
  expect(offline.predictedMinutes).toBeNull();
  expect(offline.groups[0]?.compatibleDevices).toHaveLength(1);
  expect(offline.warnings).toEqual([
    "No device that fits target=emulator takes jobs now, 'qgjob devices' says why: its jobs would wait until one does.",
  ]);
});

test('a cloud takes one upload for all of its devices, and no time for installs', () => {
  const groups = [{ group: aGroup({ target: 'browserstack' }), estimatesMs: minutes(4) }];
  const cloud = (id: string) => ({ ...online(id), device: aDevice({ id, target: 'browserstack' }) });
  const spread = plan({ groups, devices: [cloud('1'), cloud('2'), cloud('3'), cloud('4')] });
  expect(spread).toMatchObject({ predictedInstalls: 1, predictedMinutes: 1 });
});

test('a plan of no groups costs nothing', () => {
  expect(plan({ groups: [] })).toEqual({
    jobs: 0,
    predictedInstalls: 0,
    predictedMinutes: 0,
    groups: [],
    warnings: [],
  });
});
