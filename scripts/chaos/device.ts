import { randomUUID } from 'node:crypto';
import { Claim } from '../../contract/agent.ts';
import type { AgentOrder } from './agent.ts';
import { callUntilAnswered, pause } from './call.ts';
import type { Write } from './journal.ts';
import { workLease } from './lease.ts';
import type { Random } from './random.ts';

/** Who a device works for. */
export interface Shift extends AgentOrder {
  agentId: string;
  random: Random;
  note: Write;
}

/** A lease in hand. */
export interface Held {
  jobIds: Set<string>;
  isLost: boolean;
  /** The server said so. */
  lost(): void;
}

/** What a device tells the agent's heartbeat. */
export interface DeviceDesk {
  id: string;
  held: Map<string, Held>;
  /** Its heartbeats do not name it, as though it had come off its cable. */
  silent: boolean;
}

/** Claims and works, one lease after another, until the process is killed. */
export async function workDevice(shift: Shift, desk: DeviceDesk): Promise<never> {
  const { base, key, random, note, agentId } = shift;
  for (;;) {
    const answer = await callUntilAnswered(
      base,
      {
        method: 'POST',
        path: `/v1/agents/${agentId}/claims`,
        key,
        json: { device_id: desk.id, max_jobs: random.between(1, 4), wait_seconds: 5 },
        // with a key, a claim whose answer was lost is answered again; without, the next claim gives its jobs back
        headers: random.chance(0.5) ? { 'idempotency-key': randomUUID() } : {},
      },
      () => true,
    );
    if (answer.status === 204) continue;
    if (answer.status !== 201) {
      note({ kind: 'broken', at: Date.now(), text: `a claim was answered ${answer.status} ${answer.code}` });
      await pause(500);
      continue;
    }
    const claim = Claim.parse(answer.body);
    const { id } = claim.lease;
    note({ kind: 'claimed', at: Date.now(), leaseId: id, jobIds: claim.jobs.map((job) => job.id) });
    const held: Held = {
      jobIds: new Set(claim.jobs.map((job) => job.id)),
      isLost: false,
      lost() {
        if (!held.isLost) note({ kind: 'lease_lost', at: Date.now(), leaseId: id });
        held.isLost = true;
      },
    };
    desk.held.set(id, held);
    await workLease(shift, desk, held, claim);
    desk.held.delete(id);
  }
}
