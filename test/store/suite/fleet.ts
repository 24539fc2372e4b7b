import { describe, expect, test } from 'vitest';
import type { Store } from '../../../server/store/store.ts';
import { agent, device, lease, newId, noon } from '../../support/records.ts';

/** Agents, their devices and the leases they hold. */
export function fleet(store: () => Store): void {
  describe('a lease', () => {
    test('is renewed while it is active and only by the agent that has it', async () => {
      const [mine, over] = [lease({ agentId: newId('agent') }), lease({ status: 'released', endedAt: noon })];
      await store().transaction(async (tx) => {
        await tx.leases.insert(mine);
        await tx.leases.insert(over);
      });
      const renew = (id: string, agentId: string) =>
        store().transaction((tx) => tx.leases.renew(id, agentId, noon + 99_000));
      const expiry = async (id: string) => (await store().read((tx) => tx.leases.find(id)))?.expiresAt;
      expect(await renew(mine.id, 'another agent')).toBe(false);
      expect(await expiry(mine.id)).toBe(mine.expiresAt);
      expect(await renew(mine.id, mine.agentId)).toBe(true);
      expect(await expiry(mine.id)).toBe(noon + 99_000);
      expect(await renew(over.id, over.agentId)).toBe(false);
      expect(await expiry(over.id)).toBe(over.expiresAt);
      expect(await renew('lease-none', mine.agentId)).toBe(false);
    });

    test('is expired from the very instant on, at most as many as asked, and never once it has ended', async () => {
      const leases = {
        long: lease({ expiresAt: noon - 1 }),
        just: lease({ expiresAt: noon }),
        notYet: lease({ expiresAt: noon + 1 }),
        released: lease({ expiresAt: noon - 1, status: 'released' }),
        lost: lease({ expiresAt: noon - 1, status: 'lost' }),
      };
      await store().transaction(async (tx) => {
        for (const each of Object.values(leases)) await tx.leases.insert(each);
      });
      const expired = async (limit: number) =>
        (await store().read((tx) => tx.leases.expired(noon, limit))).map(({ id }) => id).sort();
      expect(await expired(10)).toEqual([leases.long.id, leases.just.id].sort());
      expect(await expired(1)).toHaveLength(1);
    });

    test('is found by itself, by its device and among the active ones, as it was written', async () => {
      const agentId = newId('agent');
      const held = lease({ agentId, deviceId: 'pixel-1' });
      const ended = lease({ agentId, deviceId: 'pixel-2', status: 'lost', endedAt: noon + 5 });
      await store().transaction(async (tx) => {
        await tx.leases.insert(held);
        await tx.leases.insert(ended);
      });
      await store().read(async (tx) => {
        expect(await tx.leases.find(held.id)).toEqual(held);
        expect(await tx.leases.activeOfDevice(agentId, 'pixel-1')).toEqual(held);
        expect(await tx.leases.activeOfDevice(agentId, 'pixel-2')).toBeUndefined();
        expect(await tx.leases.activeOfDevice('another agent', 'pixel-1')).toBeUndefined();
        const active = await tx.leases.active();
        expect(active).toContainEqual(held);
        expect(active).not.toContainEqual(ended);
      });
      expect(await store().transaction((tx) => tx.leases.lock(held.id))).toEqual(held);
    });

    test('keeps its token, whatever is saved', async () => {
      const held = lease();
      const after = {
        ...held,
        status: 'released' as const,
        endedAt: noon + 7,
        install: { result: 'installed' as const, durationMs: 10, reason: 'new bytes' },
        installAttributed: true,
      };
      await store().transaction(async (tx) => {
        await tx.leases.insert(held);
        await tx.leases.save({ ...after, token: 'forged', createdAt: 0 });
      });
      expect(await store().read((tx) => tx.leases.find(held.id))).toEqual(after);
    });
  });

  describe('an agent', () => {
    test('comes back with its devices, as written and as saved', async () => {
      const one = agent({ orgId: null, shared: true, labels: ['"lab"', '\u0000'] });
      const devices = [device({ agentId: one.id, id: 'b' }), device({ agentId: one.id, id: 'a', labels: ['5G'] })];
      await store().transaction((tx) => tx.agents.insert(one, devices));
      await store().read(async (tx) => {
        expect(await tx.agents.find(one.id)).toEqual(one);
        expect(await tx.agents.devicesOf(one.id)).toEqual([devices[1], devices[0]]);
        expect(await tx.agents.findDevice(one.id, 'c')).toBeUndefined();
      });
      const [saved, busy] = [
        { ...one, command: 'drain' as const, lastHeartbeatAt: noon + 5 },
        {
          ...device({ agentId: one.id, id: 'a' }),
          state: 'busy' as const,
          installed: { org_id: 'acme', app_version_id: 'app-1', sha256: null },
          lastGroupId: 'group-1',
          turnStartedAt: noon,
          helpedAt: noon + 1,
        },
      ];
      await store().transaction(async (tx) => {
        await tx.agents.save(saved);
        await tx.agents.saveDevice(busy);
      });
      await store().read(async (tx) => {
        expect(await tx.agents.find(one.id)).toEqual(saved);
        expect(await tx.agents.findDevice(one.id, 'a')).toEqual(busy);
        expect(await tx.agents.findDevice(one.id, 'b')).toEqual(devices[0]);
      });
    });

    test('counts as online from its latest heartbeat on, with each of its devices', async () => {
      const [heard, silent, bare] = [
        agent({ name: 'b', lastHeartbeatAt: noon }),
        agent({ name: 'a', lastHeartbeatAt: noon - 1 }),
        agent({ name: 'c', lastHeartbeatAt: noon }),
      ];
      const devices = ['2', '1'].map((id) => device({ agentId: heard.id, id }));
      await store().transaction(async (tx) => {
        await tx.agents.insert(heard, devices);
        await tx.agents.insert(silent, [device({ agentId: silent.id })]);
        await tx.agents.insert(bare, []);
      });
      const online = await store().read((tx) => tx.agents.onlineDevices(noon));
      expect(online).toEqual([
        { agent: heard, device: devices[1] },
        { agent: heard, device: devices[0] },
      ]);
    });

    test('is listed latest registered first, page by page, for one organisation or all', async () => {
      const orgId = newId('org');
      const agents = [1, 3, 2].map((age) => agent({ orgId, registeredAt: noon + age }));
      const other = agent({ orgId: newId('org'), registeredAt: noon + 9 });
      await store().transaction(async (tx) => {
        for (const each of [...agents, other]) await tx.agents.insert(each, []);
      });
      await store().read(async (tx) => {
        const first = await tx.agents.list(orgId, 0, 2);
        const rest = await tx.agents.list(orgId, 2, 2);
        expect([...first, ...rest]).toEqual([agents[1], agents[2], agents[0]]);
        expect((await tx.agents.list(null, 0, 1)).map(({ id }) => id)).toEqual([other.id]);
      });
    });
  });
}
