import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addDevices } from '../../server/usecases/add-devices.ts';
import { listDevices } from '../../server/usecases/fleet.ts';
import { heartbeat } from '../../server/usecases/heartbeat.ts';
import { engines, keyOf, must, openScenario, operator, type Scenario } from '../support/scenario.ts';

describe.each(engines)('devices that come and go, on %s', (engine) => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario(engine);
  });
  afterEach(() => s.close());

  const late = { id: 'late', target: 'emulator', platform: 'android' } as const;
  const named = async (id: string) =>
    must((await listDevices(s.deps, operator, {})).find(({ device }) => device.id === id)).device;

  test('a device that appears beside an agent takes work like any other', async () => {
    const agentId = await s.agent(['d1']);
    await s.submit({ tests: ['tests/a.spec.ts'] });
    await addDevices(s.deps, operator, agentId, [late]);
    expect(must(await s.claim(agentId, 'late')).jobs).toHaveLength(1);
  });

  test('a device that is told of again keeps its state and what is installed, and is described anew', async () => {
    const agentId = await s.agent(['d1']);
    await addDevices(s.deps, operator, agentId, [late]);
    const installed = { org_id: 'acme', app_version_id: 'v1', sha256: null };
    await heartbeat(s.deps, operator, agentId, { devices: [{ id: 'late', state: 'busy', installed }], leases: [] });
    await addDevices(s.deps, operator, agentId, [{ ...late, os_version: '14', labels: ['slow'] }]);
    expect(await named('late')).toMatchObject({ state: 'busy', installed, osVersion: '14', labels: ['slow'] });
  });

  test("nobody adds devices to another organisation's agent", async () => {
    const agentId = await s.agent(['d1']);
    const adding = addDevices(s.deps, keyOf('zeta', 'agent'), agentId, [late]);
    await expect(adding).rejects.toMatchObject({ code: 'not_found' });
  });
});
