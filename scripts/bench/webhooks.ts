/**
 * How soon the receiver answers at 200 deliveries a second, each of them kept: what GitHub waits for, at most 10 s, is the 202.
 * Sent at fixed instants whatever the answers do, so that a pause of the server is seen in every delivery that it delays.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { sign } from '@octokit/webhooks-methods';
import { startGithub } from '../../test/support/github/github.ts';
import { startWebhookServer } from '../chaos/webhook-server.ts';
import { machineText } from './machine.ts';

const perSecond = 200;
const goalMs = 250;
/** Until the server has compiled what it runs. */
const warmUp = 400;

async function main(seconds: number): Promise<boolean> {
  const github = await startGithub();
  const server = await startWebhookServer(github);
  try {
    const repository = github.repository('acme/shop');
    github.install(github.app, [repository]);
    const pull = github.openPullRequest(repository);
    github.closePullRequest(pull);
    const { payload } = github.webhooks().pullRequest('closed', pull);
    const body = JSON.stringify(payload);
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-github-hook-installation-target-id': String(github.app.id),
      'x-hub-signature-256': await sign(github.app.webhookSecret, body),
    };
    const tookMs: number[] = [];
    let refused = 0;
    const send = async (dueAt: number) => {
      const response = await fetch(`${server.base}/webhooks/github`, {
        method: 'POST',
        body,
        headers: { ...headers, 'x-github-delivery': randomUUID() },
      });
      await response.arrayBuffer();
      if (response.status !== 202) refused++;
      tookMs.push(performance.now() - dueAt);
    };
    for (let n = 0; n < warmUp; n++) await send(performance.now());
    tookMs.length = 0;
    const begun = performance.now();
    const sent: Promise<void>[] = [];
    for (let n = 0; n < seconds * perSecond; n++) {
      const dueAt = begun + (n * 1000) / perSecond;
      const early = dueAt - performance.now();
      if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
      sent.push(send(dueAt));
    }
    await Promise.all(sent);
    tookMs.sort((a, b) => a - b);
    const at = (share: number) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))] ?? 0;
    const { pending } = await server.store.read((tx) => tx.deliveries.totals());
    const told = [0.5, 0.99, 1].map((share) => at(share).toFixed(1));
    console.log(
      `${tookMs.length} deliveries of ${(body.length / 1024).toFixed(0)} KiB at ${perSecond}/s, ${refused} refused`,
    );
    console.log(`answered after ms: p50 ${told[0]}, p99 ${told[1]}, longest ${told[2]}; ${pending} pending at the end`);
    console.log(`goal: p99 under ${goalMs} ms: ${at(0.99) < goalMs ? 'met' : 'missed'}`);
    return refused === 0 && at(0.99) < goalMs;
  } finally {
    await server.remove();
    await github.stop();
  }
}

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
console.log(machineText());
process.exit((await main(values.quick ? 3 : 20)) ? 0 : 1);
