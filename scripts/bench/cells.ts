import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.ts';
import type { LoadOrder, Measured } from './load.ts';
import type { PeerMeasured, PeerOrder } from './peers.ts';
import type { ServerOrder, Variant } from './server.ts';

/** One measurement of ours: a server of its own on a fresh database, loaded from another process. */
export interface Cell {
  name: string;
  variant: Variant;
  work: LoadOrder['work'];
  connections: number;
}

export const cells = {
  submit: { name: 'POST /v1/jobs, FULL, group commit', variant: 'full', work: 'submit', connections: 64 },
  each: { name: 'the same, one commit per request', variant: 'full-each', work: 'submit', connections: 64 },
  normal: { name: 'the same, NORMAL, group commit', variant: 'normal', work: 'submit', connections: 64 },
  submitAlone: { name: 'POST /v1/jobs, FULL, group commit', variant: 'full', work: 'submit', connections: 1 },
  eachAlone: { name: 'the same, one commit per request', variant: 'full-each', work: 'submit', connections: 1 },
  constant: { name: 'POST /v1/jobs without a database', variant: 'constant', work: 'submit', connections: 64 },
  hono: { name: 'bare Hono, JSON in and out', variant: 'hono', work: 'submit', connections: 64 },
  next: { name: 'PUT result?next=1, FULL', variant: 'full', work: 'next', connections: 64 },
} as const satisfies Record<string, Cell>;

export interface Times {
  warmUpMs: number;
  measureMs: number;
  waiting: number;
}

/** @param nodeFlags for the server's process: a profiler's, say */
export async function measure(cell: Cell, times: Times, nodeFlags: string[] = []): Promise<Measured> {
  return inFolder(async (folder) => {
    const operatorKey = randomBytes(24).toString('hex');
    const order: ServerOrder = { variant: cell.variant, folder, operatorKey };
    const server = startChild<{ url: string }>('server.ts', order, nodeFlags);
    try {
      const { url } = await server.said;
      const { work, connections } = cell;
      const load = startChild<Measured>('load.ts', {
        ...times,
        work,
        url,
        serverPid: server.pid,
        operatorKey,
        connections,
        // one commit at a time needs its statements' warm-up least and its seconds most
        ...(connections === 1 ? { measureMs: times.measureMs / 2, warmUpMs: times.warmUpMs / 2 } : {}),
      } satisfies LoadOrder);
      return await load.said;
    } finally {
      await server.stop();
    }
  });
}

export function measurePeer(peer: PeerOrder['peer'], postgresUrl: string, measureMs: number): Promise<PeerMeasured> {
  return inFolder((folder) => {
    const order: PeerOrder = { peer, folder, postgresUrl, measureMs };
    return startChild<PeerMeasured>('peers.ts', order).said;
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
