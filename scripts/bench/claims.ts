import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claim } from '../../server/usecases/claim.ts';
import { explainJob } from '../../server/usecases/explain-job.ts';
import { putResult } from '../../server/usecases/put-result.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { createDatabase, startPostgres } from '../../test/support/postgres.ts';
import { type Backlog, openBacklog, operator } from './backlog.ts';
import { machineText } from './machine.ts';
import { percentile } from './scheduling/measure.ts';
import { number, table } from './statistics.ts';

/**
 * What a claim costs with a thousand and with a million jobs waiting, side by side in one run, on both engines; and what it costs
 * when the million is spread over very many app versions, whose counters it reads.
 */

const few = 1_000;
const many = 1_000_000;
const groups = 50;
const manyGroups = 5_000;
const rounds = 5;
const claimsEach = 160;
/** No more slowly than so many times. */
const goal = 3;

type Work = 'claim' | 'result and next' | 'explain';
type Times = Record<Work, number[]>;

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const value = await work();
  times.push(performance.now() - start);
  return value;
}

async function measureRound({ deps, agentId, jobId }: Backlog, times: Times): Promise<void> {
  const take = () => claim(deps, operator, agentId, { deviceId: 'd1', maxJobs: 1 }, null);
  for (let n = 0; n < claimsEach; n++) {
    const claimed = await timed(times.claim, take);
    if (!claimed) throw new Error('nothing to claim');
    await releaseLease(deps, operator, claimed.lease);
  }
  const claimed = await take();
  let job = claimed?.jobs[0];
  const result = { outcome: 'passed' as const, duration_ms: 60_000, tests: [], errors: [] };
  for (let n = 0; claimed && job && n < 3; n++) {
    const { id } = job;
    const told = await timed(times['result and next'], () => putResult(deps, operator, claimed.lease, id, result, 1));
    job = told.jobs[0];
  }
  if (claimed) await releaseLease(deps, operator, claimed.lease);
  for (let n = 0; n < 4; n++) await timed(times.explain, () => explainJob(deps, operator, jobId));
}

async function measureEngine(
  name: string,
  open: (queued: number, groups: number) => Promise<Backlog>,
): Promise<string[][]> {
  const sides = [];
  for (const [queued, inGroups] of [
    [few, groups],
    [many, groups],
    [many, manyGroups],
  ] as const) {
    const times: Times = { claim: [], 'result and next': [], explain: [] };
    sides.push({ times, backlog: await open(queued, inGroups) });
  }
  for (const { backlog } of sides) await measureRound(backlog, { claim: [], 'result and next': [], explain: [] });
  for (let round = 0; round < rounds; round++) {
    for (const { backlog, times } of round % 2 === 0 ? sides : sides.toReversed()) await measureRound(backlog, times);
  }
  for (const { backlog } of sides) await backlog.close();
  const rows = [];
  for (const work of ['claim', 'result and next', 'explain'] as const) {
    const [a, b, c] = sides.map(({ times }) => [...times[work]].sort((x, y) => x - y));
    for (const [label, share] of work === 'claim'
      ? ([
          ['p50', 0.5],
          ['p99', 0.99],
        ] as const)
      : ([['p50', 0.5]] as const)) {
      const [small = 0, large = 0, spread = 0] = [a, b, c].map((sorted) => percentile(sorted ?? [], share));
      const verdict = label === 'p99' ? (large / small <= goal ? 'within' : 'MISSED') : '';
      rows.push([
        `${name}: ${work}, ${label}`,
        number(small),
        number(large),
        number(large / small),
        verdict,
        number(spread),
      ]);
    }
  }
  return rows;
}

const folder = mkdtempSync(join(tmpdir(), 'qgjob-claims-'));
const postgres = await startPostgres({ durable: true });
try {
  const rows = [
    [
      '',
      `${few} waiting, ms`,
      `${many} waiting, ms`,
      'ratio',
      `goal: p99 within ${goal} x`,
      `${many} in ${manyGroups} groups, ms`,
    ],
    ...(await measureEngine('SQLite', (...size) => openBacklog({ folder, postgresUrl: null }, ...size))),
    ...(await measureEngine('Postgres', async (...size) =>
      openBacklog({ folder, postgresUrl: await createDatabase(postgres.url, `backlog_${size.join('_')}`) }, ...size),
    )),
  ];
  console.log(machineText(`${groups} groups, every commit durable`));
  console.log(table(rows));
  if (rows.some((row) => row.includes('MISSED'))) process.exitCode = 1;
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
