import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBundles } from './action-bundles.ts';
import { createStopwatch, type Start } from './action-start.ts';
import { machineText } from './machine.ts';
import { number, ratioOf, spreadOf, spreadText, table } from './statistics.ts';

/** From the spawn to the first word or the first request: ours beside the least an action can be, in interleaved rounds. */
async function main(bundle: string, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-bench-'));
  try {
    const bundles = makeBundles(folder);
    const stopwatch = await createStopwatch(folder);
    const good = { 'api-key': 'qgk_0', tests: 'a.spec.ts', 'app-version-id': '1' };
    const of = (script: string, inputs: Record<string, string> = {}): Start => ({ args: [script], inputs });
    const cell = (name: string, measure: () => Promise<number>) => ({ name, measure, tookMs: [] as number[] });
    const node = cell('node -e ""', () => stopwatch.untilEnd({ args: ['-e', ''], inputs: {} }));
    const core = cell('@actions/core alone', () => stopwatch.untilEnd(of(bundles.core)));
    const nonsense = cell('ours, told nonsense', () =>
      stopwatch.untilEnd(of(bundle, { 'api-key': 'qgk_0', wait: 'perhaps' })),
    );
    const request = cell('@actions/core and fetch', () => stopwatch.untilRequest(of(bundles.request)));
    const first = cell('ours, to its first request', () => stopwatch.untilRequest(of(bundle, good)));
    const cells = [node, core, nonsense, request, first];

    console.log(machineText(`${rounds} rounds after one to warm up`));
    for (let round = 0; round <= rounds; round++) {
      for (const { measure, tookMs } of cells) {
        const ms = await measure();
        if (round > 0) tookMs.push(ms);
      }
    }
    stopwatch.close();

    const times = cells.map(({ name, tookMs }) => [name, spreadText(spreadOf(tookMs))]);
    console.log(`\n${table([['start', 'ms, median (min–max)'], ...times])}`);
    const goals = [
      { name: 'ours ÷ @actions/core alone', ratio: ratioOf(nonsense.tookMs, core.tookMs), atMost: 1.25 },
      { name: 'first request ÷ @actions/core and fetch', ratio: ratioOf(first.tookMs, request.tookMs) },
    ].map(({ name, ratio, atMost }) => {
      const verdict = atMost === undefined ? '' : ratio.median <= atMost ? 'reached' : 'NOT REACHED';
      return [name, spreadText(ratio), atMost === undefined ? '' : `≤ ${number(atMost)}`, verdict];
    });
    console.log(`\n${table([['goal', 'median (min–max)', 'must', ''], ...goals])}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: { bundle: { type: 'string', default: 'dist/index.js' }, rounds: { type: 'string', default: '25' } },
});
await main(resolve(values.bundle), Number(values.rounds));
