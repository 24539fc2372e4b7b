import { type Played, play, type Scheduler, schedulers } from '../play.ts';
import { figureOf, figures, judge, meanOf, type Verdict } from './judge.ts';
import { unseenWorkloads } from './workloads.ts';

/**
 * Plays the workloads that nobody tuned for and prints how we fare beside the policy that was told: workload by workload of the shown
 * half, in sum of the half that is held out. @returns whether every figure is at least as good within 3 %
 */
export function compareUnseen(seeds: number): boolean {
  console.log(`${seeds} seeds, every number of a workload drawn anew for each. Installs and makespan per lower bound;`);
  console.log('mean and p95 wait, p95 wait of the favoured, and turnaround of a group, each per that of FIFO.');
  console.log('Last row: qgjob per told policy, with its standard error; * where it is worse by more than 3 %.\n');
  const heldOut: Verdict[][] = [];
  const shown: Verdict[][] = [];
  for (const workload of unseenWorkloads) {
    const rounds = Array.from({ length: seeds }, (_, index) => play(workload, index + 1));
    const verdicts = judge(rounds);
    (workload.isHeldOut ? heldOut : shown).push(verdicts);
    if (!workload.isHeldOut) printWorkload(workload.name, rounds, verdicts);
  }
  printSum('Shown', shown);
  printSum('Held out', heldOut);
  return [...shown, ...heldOut].flat().every(({ isMissed }) => !isMissed);
}

function printWorkload(title: string, rounds: readonly Played[], verdicts: readonly Verdict[]): void {
  console.log(line(title, figures));
  for (const name of Object.keys(schedulers) as Scheduler[]) {
    const cells = figures.map((figure) => {
      const known = rounds.map((round) => figureOf(round, name, figure)).filter((value) => value !== null);
      return known.length === 0 ? '-' : meanOf(known).toFixed(2);
    });
    console.log(line(`  ${name}`, cells));
  }
  const cells = figures.map((figure) => {
    const verdict = verdicts.find((one) => one.figure === figure);
    if (!verdict) return '-';
    return `${verdict.ratio.toFixed(3)}±${verdict.error.toFixed(3)}${verdict.isMissed ? '*' : ' '}`;
  });
  console.log(line('  qgjob / told policy', cells));
}

function printSum(half: string, workloads: readonly Verdict[][]): void {
  const verdicts = workloads.flat();
  const missed = verdicts.filter(({ isMissed }) => isMissed);
  const without = workloads.filter((own) => own.every(({ isMissed }) => !isMissed)).length;
  const worst = Math.max(...verdicts.map(({ ratio }) => ratio));
  console.log(
    `\n${half}: ${verdicts.length - missed.length} of ${verdicts.length} figures at least as good within 3 %, ` +
      `${without} of ${workloads.length} workloads in all of theirs; worst ratio ${worst.toFixed(2)}.`,
  );
  for (const figure of figures) {
    const own = verdicts.filter((verdict) => verdict.figure === figure);
    const kept = own.filter(({ isMissed }) => !isMissed).length;
    const ratio = Math.exp(meanOf(own.map((verdict) => Math.log(verdict.ratio))));
    console.log(`  ${figure.padEnd(12)} ${kept} of ${own.length}, geometric mean of the ratios ${ratio.toFixed(3)}`);
  }
}

function line(title: string, cells: readonly string[]): string {
  return `${title.padEnd(60)} ${cells.map((cell) => cell.padStart(13)).join(' ')}`;
}
