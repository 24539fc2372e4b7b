import { AgentRegistered, HeartbeatAnswer } from '../../contract/agent.ts';
import { callUntilAnswered, pause } from './call.ts';
import { type DeviceDesk, workDevice } from './device.ts';
import { openJournal } from './journal.ts';
import { createRandom } from './random.ts';

/** What an agent's process is started with, as JSON in its only argument. */
export interface AgentOrder {
  base: string;
  key: string;
  name: string;
  seed: number;
  journal: string;
  leaseMs: number;
}

/** One agent with two devices, a process of its own so that it can be killed. It runs until then. */
async function main(order: AgentOrder): Promise<never> {
  const { base, key, name } = order;
  const random = createRandom(order.seed);
  const note = openJournal(order.journal);
  const forever = () => true;
  const registration = {
    name,
    devices: [
      { id: 'phone', target: 'device', platform: 'android', model: 'Pixel 9', os_version: '15' },
      { id: 'emulator', target: 'emulator', platform: 'android' },
    ],
  };
  const registered = await callUntilAnswered(
    base,
    { method: 'POST', path: '/v1/agents', key, json: registration, headers: { 'idempotency-key': order.journal } },
    forever,
  );
  const { agent } = AgentRegistered.parse(registered.body);
  const desks = registration.devices.map((device): DeviceDesk => ({ id: device.id, held: new Map(), silent: false }));
  for (const desk of desks) void workDevice({ ...order, agentId: agent.id, random, note }, desk);

  for (;;) {
    await pause(order.leaseMs / 4);
    const spoken = desks.filter((desk) => !desk.silent);
    const answer = await callUntilAnswered(
      base,
      {
        method: 'POST',
        path: `/v1/agents/${agent.id}/heartbeat`,
        key,
        json: {
          devices: spoken.map((desk) => ({
            id: desk.id,
            state: desk.held.size > 0 ? 'busy' : 'idle',
            installed: null,
          })),
          leases: spoken.flatMap((desk) => [...desk.held].map(([id, held]) => ({ id, job_ids: [...held.jobIds] }))),
        },
      },
      forever,
    );
    if (answer.status !== 200) {
      note({ kind: 'broken', at: Date.now(), text: `a heartbeat was answered ${answer.status} ${answer.code}` });
      continue;
    }
    for (const { id, status } of HeartbeatAnswer.parse(answer.body).leases) {
      if (status === 'active') continue;
      for (const desk of desks) desk.held.get(id)?.lost();
    }
  }
}

// a crash of this script must not look like one of those that are staged
process.on('unhandledRejection', (error) => {
  process.stderr.write(`chaos agent: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(70);
});
// whoever started it has gone
process.on('disconnect', () => process.exit(0));

await main(JSON.parse(process.argv[2] ?? '{}'));
