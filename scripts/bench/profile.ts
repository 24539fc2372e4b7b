import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cells, measure } from './cells.ts';
import { number, table } from './statistics.ts';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

/** `node scripts/bench/profile.ts submit|next`: where the server's process spends its time under that load. */
async function main(name: string): Promise<void> {
  const cell = Object.entries(cells).find(([key]) => key === name)?.[1];
  if (!cell) throw new RangeError(`name one of ${Object.keys(cells).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-profile-'));
  try {
    const times = { warmUpMs: 500, measureMs: 6000, waiting: 120_000 };
    const flags = ['--cpu-prof', '--cpu-prof-interval', '200', `--cpu-prof-dir=${folder}`];
    const { perSecond, cpuMicros } = await measure(cell, times, flags);
    const [file] = readdirSync(folder);
    if (!file) throw new Error('the server left no profile');
    console.log(
      `${cell.name}: ${number(perSecond)}/s, ${number(cpuMicros)} µs of CPU each, the profiler's share included`,
    );
    const profile: CpuProfile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    console.log(`\n${table([['by file', 'share of busy time'], ...sharesText(profile, (f) => placeOf(f.url), 30)])}`);
    const byFunction = (f: CpuProfile['nodes'][number]['callFrame']) =>
      `${f.functionName || '(anonymous)'} ${placeOf(f.url)}:${f.lineNumber + 1}`;
    console.log(`\n${table([['by function', 'share of busy time'], ...sharesText(profile, byFunction, 45)])}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Frame = CpuProfile['nodes'][number]['callFrame'];

/** Self times, summed by what `nameOf` says, the largest first. */
function sharesText({ nodes, samples, timeDeltas }: CpuProfile, nameOf: (frame: Frame) => string, most: number) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id));
  const sums = new Map<string, number>();
  // loading the program is not what is asked about
  const firstRequest = nodes.find(({ callFrame }) => callFrame.functionName === 'parserOnIncoming')?.id;
  const from = samples.indexOf(firstRequest ?? samples[0] ?? 0);
  let busy = 0;
  for (const [i, id] of samples.entries()) {
    if (i < from || idle.has(id)) continue;
    const micros = timeDeltas[i] ?? 0;
    busy += micros;
    const name = names.get(id) ?? '';
    sums.set(name, (sums.get(name) ?? 0) + micros);
  }
  const sorted = [...sums].sort(([, a], [, b]) => b - a).slice(0, most);
  return sorted.map(([name, micros]) => [name, `${((micros / busy) * 100).toFixed(1)} %`]);
}

/** A path below the checkout, without its query. */
function placeOf(url: string): string {
  if (url === '') return '(engine and native code)';
  return url.replace(new URL('../../', import.meta.url).href, '').replace(/\?.*$/, '');
}

await main(process.argv[2] ?? '');
process.exit(0);
