import { randomUUID } from 'node:crypto';
import { type Github, startGithub } from '../../test/support/github/github.ts';
import type { Webhook } from '../../test/support/github/webhooks/payloads.ts';
import { pause } from './call.ts';
import type { Random } from './random.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';
import { makeUnits, standOf } from './webhook-units.ts';

export interface StormOptions {
  deliveries: number;
  copies: number;
  /** How often the server is killed right after it has answered 202. */
  kills: number;
  /** Null: in order. */
  shuffle: Random | null;
}

export interface StormReport {
  /** How each thing that happened stands in the end, in the order it happened. */
  stands: string[];
  /** Those that do not stand as they must. */
  wrong: string[];
  kills: number;
  sent: number;
  /** Deliveries given up by the server. */
  failed: number;
}

const lanes = 8;
const settleMs = 300_000;

/** A GitHub on which much happens, told to a server that dies again and again. */
export async function weatherStorm(options: StormOptions): Promise<StormReport> {
  const github = await startGithub();
  const server = await startWebhookServer(github);
  try {
    const units = await makeUnits(github, server.client, options.deliveries);
    const deliveries = units.flatMap((unit) => unit.deliveries).map((webhook) => ({ webhook, guid: randomUUID() }));
    const copies = deliveries.flatMap((each) => Array.from({ length: options.copies }, () => each));
    const order = options.shuffle ? shuffled(copies, options.shuffle) : copies;
    const kills = await send(github, server, order, options);
    const { failed } = await settle(server);
    const stands = await server.store.read(async (tx) => {
      const all: string[] = [];
      for (const unit of units) all.push(await standOf(tx, unit));
      return all;
    });
    const wrong = units.flatMap(({ expected, deliveries: [first] }, n) =>
      stands[n] === expected ? [] : [`${first?.event} ${first?.action}: ${stands[n]}, not ${expected}`],
    );
    return { stands, wrong, kills, sent: order.length, failed };
  } finally {
    await server.remove();
    await github.stop();
  }
}

/** Sends everything, some at once; whenever it is time the server dies right after its next 202. */
async function send(
  github: Github,
  server: WebhookServer,
  order: { webhook: Webhook; guid: string }[],
  options: StormOptions,
): Promise<number> {
  const everyNth = options.kills === 0 ? Number.POSITIVE_INFINITY : Math.floor(order.length / options.kills);
  const concurrency = options.shuffle ? lanes : 1;
  let next = 0;
  let answered = 0;
  let kills = 0;
  let dying: Promise<void> | null = null;

  const killAndStart = async () => {
    await server.kill('SIGKILL');
    // GitHub's log would be read at every start: what succeeded is of no interest there
    github.deliveries.splice(0, github.deliveries.length, ...github.deliveries.filter((one) => one.statusCode !== 202));
    await server.start();
    dying = null;
  };
  const lane = async () => {
    for (;;) {
      const one = order[next++];
      if (!one) return;
      for (;;) {
        if (dying !== null) await dying;
        const { statusCode } = await github.send(one.webhook, { guid: one.guid });
        if (statusCode === 202) break;
        if (dying === null) throw new Error(`a delivery was answered ${statusCode} by a server that lives`);
      }
      answered++;
      if (answered % everyNth === 0 && kills < options.kills && dying === null) {
        kills++;
        dying = killAndStart();
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  if (dying !== null) await dying;
  return kills;
}

/** Waits until nothing is pending. */
async function settle(server: WebhookServer): Promise<{ failed: number }> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const { pending, failed } = await server.store.read((tx) => tx.deliveries.totals());
    if (pending === 0) return { failed };
    if (performance.now() > deadline) throw new Error(`${pending} deliveries are pending still`);
    await pause(100);
  }
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const all = [...list];
  for (let last = all.length - 1; last > 0; last--) {
    const other = random.between(0, last);
    const kept = all[last] as T;
    all[last] = all[other] as T;
    all[other] = kept;
  }
  return all;
}
