import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientLedger, submitAll } from './clients.ts';
import { runControls } from './controls.ts';
import type { Evidence } from './evidence.ts';
import { type Flags, readFlags } from './flags.ts';
import { startFleet } from './fleet.ts';
import { wreakHavoc } from './havoc.ts';
import { readJournals } from './journal.ts';
import { judge } from './judge.ts';
import { miscounted } from './promises-of-jobs.ts';
import { createRandom } from './random.ts';
import { readPostgres, readSqlite } from './records.ts';
import { verdictText } from './report.ts';
import { createServerProcess } from './server-process.ts';
import { setUp } from './set-up.ts';
import { planSubmissions } from './submissions.ts';
import { summary } from './summary.ts';
import { settle, type Watched, watch } from './watch.ts';

const leaseSeconds = 3;
const settlePatienceMs = 90_000;

/** Kills servers and agents while jobs run, and checks afterwards that every promise was kept. @returns the exit code */
async function main(flags: Flags, folder: string): Promise<number> {
  const { seconds, seed, database } = flags;
  console.log(
    `chaos: ${flags.jobs} jobs, ${seconds} s of kills, --seed ${seed}, on ${database ? 'Postgres' : 'SQLite'}`,
  );
  const random = createRandom(seed);
  const file = join(folder, 'qgjob.db');
  const log = join(folder, 'server.log');
  const journals = join(folder, 'journals');
  mkdirSync(journals);
  const operatorKey = randomBytes(24).toString('hex');
  const server = await createServerProcess({
    database: database ?? file,
    blobs: join(folder, 'blobs'),
    bootstrapKey: operatorKey,
    leaseSeconds,
    log,
  });
  const { base } = server;
  await server.start();
  const keys = await setUp(base, operatorKey);

  const leaseMs = leaseSeconds * 1000;
  const untilMs = performance.now() + seconds * 1000;
  const clients: ClientLedger = { acknowledged: [], broken: [], replays: 0 };
  const watched: Watched = { runs: new Map(), takenBack: [] };
  const corpses: string[] = [];
  const keepOn = () => performance.now() < untilMs + settlePatienceMs;
  const fleet = startFleet(keys.agents, { base, leaseMs, seed, folder: journals });
  const plan = planSubmissions(random, flags.jobs, seconds * 1000);
  const submitting = submitAll(plan, { base, keys: keys.submit, random, keepOn }, clients);
  let settled = false;
  const watching = watch({ base, key: operatorKey, random, stop: () => settled }, clients.acknowledged, watched);
  const autopsy = () => {
    if (database) return;
    const left = readSqlite(file);
    corpses.push(...[...left.damage, ...miscounted(left)].map((text) => `after a kill: ${text}`));
  };
  const havoc = await wreakHavoc({ server, fleet, seed, leaseMs, untilMs, autopsy });
  await submitting;
  const startedSettling = performance.now();
  const unsettled = await settle(
    { base, key: operatorKey, patienceMs: settlePatienceMs },
    clients.acknowledged,
    watched,
  );
  const settleMs = performance.now() - startedSettling;
  settled = true;
  await watching;
  await fleet.killAll();
  const { code } = await server.kill('SIGTERM');

  const evidence: Evidence = {
    acknowledged: clients.acknowledged,
    journals: readJournals(journals),
    runs: watched.runs,
    records: database ? await readPostgres(database) : readSqlite(file),
    slackMs: database ? 1000 : 0,
    broken: [
      ...clients.broken,
      ...watched.takenBack,
      ...corpses,
      ...fleet.crashes,
      ...failuresIn(readFileSync(log, 'utf8')),
      ...unsettled.map((id) => `run ${id} did not complete within ${settlePatienceMs / 1000} s of peace`),
      ...(code === 0 ? [] : [`the server told to stop at the end ended with ${code}`]),
      ...(clients.acknowledged.length === plan.length ? [] : ['not every submission was acknowledged']),
    ],
  };
  const verdicts = judge(evidence);
  const { unnoticed, untried } = runControls(evidence);
  console.log(summary({ evidence, havoc, replays: clients.replays, startsMs: server.startsMs, settleMs }));
  console.log(verdictText(verdicts));
  const blind = [
    ...unnoticed.map((fault) => `  BLIND  not noticed: ${fault}`),
    ...untried.map((p) => `  UNTRIED ${p}`),
  ];
  console.log(blind.length === 0 ? '  and each check notices a fault forged into this evidence' : blind.join('\n'));
  return blind.length === 0 && verdicts.every(({ contradictions }) => contradictions.length === 0) ? 0 : 1;
}

/** What the server logged as a failure of its own; what it refused is not among it. */
function failuresIn(log: string): string[] {
  const failures = log
    .split('\n')
    .filter((line) => /"level":[56]0/.test(line) || (line !== '' && !line.startsWith('{')));
  return failures
    .filter((line) => !/^(qgjob serves at|Stopping: )/.test(line))
    .map((line) => `server log: ${line.slice(0, 600)}`);
}

const flags = readFlags(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), 'qgjob-chaos-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('exit', () => {
  if (flags.keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
});
// a failure on the way must end the children too: they go with this process
process.exit(
  await main(flags, folder).catch((error) => {
    console.error(error);
    return 1;
  }),
);
