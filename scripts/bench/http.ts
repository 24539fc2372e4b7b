import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDatabase, startPostgres } from '../../test/support/postgres.ts';
import { cells, measure, measurePeer, type Times } from './cells.ts';
import { goalsText, type Rounds } from './goals.ts';
import { machineText } from './machine.ts';
import { number, spreadOf, spreadText, table } from './statistics.ts';

/** Ours over HTTP and its peers in process, in interleaved rounds of one run. */
async function main(quick: boolean): Promise<void> {
  const rounds = quick ? 1 : 3;
  const times: Times = quick
    ? { warmUpMs: 300, measureMs: 700, waiting: 20_000 }
    : { warmUpMs: 1000, measureMs: 3000, waiting: 90_000 };
  console.log(machineText(`fsync ${fsyncMs().toFixed(2)} ms`));
  const measured: Rounds = {};
  const note = (name: string, value: number) => {
    const list = measured[name] ?? [];
    list.push(value);
    measured[name] = list;
  };
  const postgres = await startPostgres({ durable: true });
  try {
    for (let round = 1; round <= rounds; round++) {
      console.log(`round ${round} of ${rounds}`);
      for (const [name, cell] of Object.entries(cells)) {
        const { perSecond, p50Ms, p99Ms, cpuMicros } = await measure(cell, times);
        note(name, perSecond);
        note(`${name}P50`, p50Ms);
        note(`${name}P99`, p99Ms);
        note(`${name}Cpu`, cpuMicros);
      }
      const plainjob = await measurePeer('plainjob', '', times.measureMs);
      note('plainjobEnqueue', plainjob.enqueuePerSecond);
      note('plainjobComplete', plainjob.completePerSecond);
      const database = await createDatabase(postgres.url, `bench${round}`);
      const pgBoss = await measurePeer('pg-boss', database, times.measureMs);
      note('pgBossEnqueue', pgBoss.enqueuePerSecond);
      note('pgBossComplete', pgBoss.completePerSecond);
    }
  } finally {
    await postgres.stop();
  }
  console.log(`\n${ratesText(measured)}\n\n${goalsText(measured)}`);
}

function ratesText(measured: Rounds): string {
  const ours = Object.entries(cells).map(([key, { name, connections }]) => {
    const median = (what: string) => number(spreadOf(measured[key + what] ?? []).median);
    const rate = spreadText(spreadOf(measured[key] ?? []));
    return [`${name}, ${connections} conn.`, rate, median('P50'), median('P99'), median('Cpu')];
  });
  const peers = [
    ['plainjob, FULL: add', 'plainjobEnqueue'],
    ['plainjob, FULL: take and mark done', 'plainjobComplete'],
    ['pg-boss, fsync on: send, 16 producers', 'pgBossEnqueue'],
    ['pg-boss, fsync on: fetch and complete, W=16', 'pgBossComplete'],
  ].map(([label = '', key = '']) => [`${label}, in process`, spreadText(spreadOf(measured[key] ?? [])), '', '', '']);
  return table([['work', 'jobs/s, median (min–max)', 'p50 ms', 'p99 ms', 'server CPU µs'], ...ours, ...peers]);
}

/** What the disk takes to promise 4 kB: the median of fifty. */
function fsyncMs(): number {
  const file = join(tmpdir(), `qgjob-bench-fsync-${process.pid}`);
  const descriptor = openSync(file, 'w');
  const page = Buffer.alloc(4096);
  const took = Array.from({ length: 50 }, () => {
    const startedAt = performance.now();
    writeSync(descriptor, page, 0, page.length, 0);
    fsyncSync(descriptor);
    return performance.now() - startedAt;
  });
  closeSync(descriptor);
  rmSync(file);
  return spreadOf(took).median;
}

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const startedAt = performance.now();
await main(values.quick);
console.log(`\ntook ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
process.exit(0);
