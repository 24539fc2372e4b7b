import { readFileSync } from 'node:fs';
import { readOrder, say } from './child.ts';
import { type Connection, openConnection } from './connection.ts';

/** `submit`: one job per request. `next`: one job per claim, each result fetching the next job. */
export interface LoadOrder {
  work: 'submit' | 'next';
  url: string;
  serverPid: number;
  operatorKey: string;
  connections: number;
  warmUpMs: number;
  measureMs: number;
  /** For `next`: so many jobs wait at the start. */
  waiting: number;
}

export interface Measured {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** What the server's process used of its CPU for each, µs; what others do on the machine hardly changes it. */
  cpuMicros: number;
}

/** The jobs are those of eight app versions, so that eight groups of them wait. */
const versions = 8;
const org = 'bench';
const target = 'emulator';

/** Loads a server from a process of its own, and says what it measured. */
async function main(order: LoadOrder): Promise<Measured> {
  const fixed = `Authorization: Bearer ${order.operatorKey}\r\n`;
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => openConnection(order.url, fixed)),
  );
  const step = order.work === 'submit' ? submitter() : await completer(order, connections);
  // what a process does first is what its compiler has not seen yet
  await runFor(connections, order.warmUpMs, step);
  const latencies: number[] = [];
  const cpuBefore = cpuMsOf(order.serverPid);
  const tookMs = await runFor(connections, order.measureMs, step, latencies);
  const cpuMicros = ((cpuMsOf(order.serverPid) - cpuBefore) * 1000) / latencies.length;
  for (const connection of connections) connection.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { perSecond: (latencies.length * 1000) / tookMs, p50Ms: at(0.5), p99Ms: at(0.99), cpuMicros };
}

/** User and system time of a process; the kernel counts it in ticks of 10 ms, and only Linux tells. */
function cpuMsOf(pid: number): number {
  try {
    const [user = 0, system = 0] =
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? [];
    return (user + system) * 10;
  } catch {
    return Number.NaN;
  }
}

/** One unit of work over one connection. */
type Step = (connection: Connection, index: number) => Promise<void>;

/** Repeats the step on every connection until the time is up. @returns how long it took, ms */
async function runFor(connections: Connection[], ms: number, step: Step, latencies?: number[]): Promise<number> {
  const startedAt = performance.now();
  const until = startedAt + ms;
  await Promise.all(
    connections.map(async (connection, index) => {
      for (let before = performance.now(); before < until; ) {
        await step(connection, index);
        const now = performance.now();
        latencies?.push(now - before);
        before = now;
      }
    }),
  );
  return performance.now() - startedAt;
}

function submitter(): Step {
  let made = 0;
  return async (connection) => {
    const body = `{"org_id":"${org}","app_version_id":"version-${made % versions}","test_path":"tests/checkout/payment-${made++}.spec.ts","priority":5,"target":"${target}"}`;
    await expect(connection, 'POST', '/v1/jobs', body, [201]);
  };
}

/** Puts jobs in line and a device on each connection. */
async function completer({ waiting }: LoadOrder, connections: Connection[]): Promise<Step> {
  await enqueue(connections, waiting);
  const devices = connections.map((_, index) => ({ id: `device-${index}`, target, platform: 'android' }));
  const [one] = connections;
  if (!one) throw new RangeError('there must be a connection');
  const { agent } = JSON.parse(
    await expect(one, 'POST', '/v1/agents', JSON.stringify({ name: 'bench', devices }), [201]),
  );
  const held: { lease: string; token: string; job: string; path: string }[] = [];

  const claim = async (connection: Connection, index: number) => {
    const path = `/v1/agents/${agent.id}/claims`;
    const answer = await expect(connection, 'POST', path, JSON.stringify({ device_id: `device-${index}` }), [201]);
    const { lease, jobs } = JSON.parse(answer);
    return { lease: lease.id, token: lease.token, job: jobs[0].id, path: jobs[0].test_path };
  };

  return async (connection, index) => {
    const mine = held[index] ?? (await claim(connection, index));
    const path = `/v1/leases/${mine.lease}/jobs/${mine.job}/result?next=1`;
    const answer = await expect(
      connection,
      'PUT',
      path,
      resultOf(mine.path),
      [200],
      `Qgjob-Lease-Token: ${mine.token}\r\n`,
    );
    const [next] = JSON.parse(answer).jobs;
    if (next) held[index] = { ...mine, job: next.id, path: next.test_path };
    else delete held[index];
  };
}

/** Runs of 25 spec files, as a suite has them. */
async function enqueue(connections: Connection[], jobs: number): Promise<void> {
  const perRun = 25;
  let run = 0;
  await Promise.all(
    connections.map(async (connection) => {
      for (let mine = run++; mine * perRun < jobs; mine = run++) {
        const tests = Array.from({ length: perRun }, (_, i) => `tests/suite-${mine}/part-${i}.spec.ts`);
        const body = { org_id: org, app_version_id: `version-${mine % versions}`, target, tests };
        await expect(connection, 'POST', '/v1/runs', JSON.stringify(body), [201]);
      }
    }),
  );
}

function resultOf(file: string): string {
  const test = `{"id":"${file}:3","title":"pays","title_path":["checkout","pays"],"file":"${file}","line":3,"status":"passed","retry":0,"duration_ms":812,"errors":[],"attachments":[]}`;
  return `{"outcome":"passed","duration_ms":1024,"tests":[${test}],"errors":[]}`;
}

async function expect(
  connection: Connection,
  method: string,
  path: string,
  body: string,
  statuses: number[],
  headers?: string,
): Promise<string> {
  const answer = await connection.send(method, path, body, headers);
  if (!statuses.includes(answer.status)) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return answer.body;
}

await say(await main(readOrder<LoadOrder>()));
process.exit(0);
