import { compare, type Row } from './scheduling/compare.ts';
import { compareLive } from './scheduling/compare-live.ts';
import { compareUnseen } from './scheduling/unseen/compare-unseen.ts';
import { knownWorkloads, otherWorkloads } from './scheduling/workloads.ts';

/**
 * Plays every workload through qgjob's scheduler and others, and prints them side by side. `--seeds N`, 20 unless told. With
 * `--live` instead: a few traces on a real server, beside what the simulator makes of them. With `--unseen` instead: workloads that
 * nobody tuned for, beside the policy that was told.
 */
const seeds = Number(process.argv[process.argv.indexOf('--seeds') + 1]) || 20;

/** What shared figures of a simulated policy say of the same workloads: to be reached within 3 %. */
const goals: Omit<Row, 'p50' | 'max'>[] = [
  { installs: 1.56, makespan: 1.05, p95: 0.86, favoured: null, turnaround: 1.13 },
  { installs: 1.57, makespan: 1.05, p95: 0.57, favoured: null, turnaround: 0.42 },
  { installs: 1.36, makespan: 1.09, p95: 0.8, favoured: null, turnaround: 0.48 },
  { installs: 2.2, makespan: 1.02, p95: 1.05, favoured: 0.09, turnaround: 0.18 },
  { installs: 1.0, makespan: 1.03, p95: 0.75, favoured: null, turnaround: 0.71 },
  { installs: 2.51, makespan: 1.01, p95: 0.46, favoured: 0.27, turnaround: 0.46 },
  { installs: 2.04, makespan: 1.02, p95: 0.38, favoured: 0.09, turnaround: 0.2 },
];
const toleratedShare = 1.03;
const columns = ['installs', 'makespan', 'p50', 'p95', 'max', 'favoured', 'turnaround'] as const;

const kept = process.argv.includes('--live')
  ? await compareLive()
  : process.argv.includes('--unseen')
    ? compareUnseen(seeds)
    : comparePolicies();
process.exitCode = kept ? 0 : 1;

/** Prints every workload under every policy. @returns whether every goal is reached */
function comparePolicies(): boolean {
  console.log(
    `${seeds} seeds. Installs per version, makespan per lower bound; p50, p95 and longest wait, p95 wait of the`,
  );
  console.log(
    'urgent or small, and turnaround of a group, each per that of FIFO. Durations are unknown to every scheduler.\n',
  );
  const missed: string[] = [];
  for (const [index, workload] of [...knownWorkloads, ...otherWorkloads].entries()) {
    console.log(`${workload.name.padEnd(66)} ${columns.map((name) => name.slice(0, 8).padStart(8)).join(' ')}`);
    const rows = compare(workload, seeds);
    for (const [name, row] of Object.entries(rows)) print(name, row);
    const goal = goals[index];
    if (!goal) continue;
    print('goal', goal);
    for (const [key, wanted] of Object.entries(goal)) {
      const reached = rows.qgjob[key as keyof Row];
      // as exactly as the goal is told
      if (wanted !== null && reached !== null && Number(reached.toFixed(2)) > wanted * toleratedShare) {
        missed.push(`${workload.name}: ${key} ${reached.toFixed(3)}, goal ${wanted}`);
      }
    }
  }
  console.log(
    missed.length === 0 ? '\nEvery goal is reached within 3 %.' : `\nMissed by more than 3 %:\n${missed.join('\n')}`,
  );
  return missed.length === 0;
}

function print(name: string, row: Partial<Row>): void {
  const cells = columns.map((column) => (row[column] == null ? '-' : (row[column] ?? 0).toFixed(2)).padStart(8));
  console.log(`  ${name.padEnd(64)} ${cells.join(' ')}`);
}
