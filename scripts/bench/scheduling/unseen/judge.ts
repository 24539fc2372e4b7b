import type { Played, Scheduler } from '../play.ts';

export const figures = ['installs', 'makespan', 'mean', 'p95', 'favoured', 'turnaround'] as const;
export type Figure = (typeof figures)[number];

/** Waits and turnarounds of less count as of so much: a fleet with room makes nobody wait, and nothing is a multiple of that. */
const leastS = 60;
const toleratedShare = 1.03;
/** The told figures have two decimals. */
const resolution = 0.005;

/** What one scheduler made of one seed: installs and makespan per lower bound, the rest per that of FIFO; null where nobody is favoured. */
export function figureOf({ bounds, of }: Played, name: Scheduler, figure: Figure): number | null {
  if (figure === 'installs') return of[name].installs / bounds.installs;
  if (figure === 'makespan') return of[name].makespan / bounds.makespanS;
  const [own, base] = [of[name][figure], of.fifo[figure]];
  return own === null || base === null ? null : own / Math.max(leastS, base);
}

export interface Verdict {
  figure: Figure;
  ours: number;
  told: number;
  /** Ours per told; up to 1.03 is reached. */
  ratio: number;
  /** The standard error of the ratio: how far other seeds would move it. */
  error: number;
  isMissed: boolean;
}

/** Our policy's means over the seeds beside those of the one that was told, figure by figure. */
export function judge(rounds: readonly Played[]): Verdict[] {
  return figures.flatMap((figure) => {
    const pairs = rounds.flatMap((round) => {
      const [ours, told] = [figureOf(round, 'qgjob', figure), figureOf(round, 'told policy', figure)];
      return ours === null || told === null ? [] : [{ ours, told }];
    });
    if (pairs.length === 0) return [];
    const ours = meanOf(pairs.map((pair) => pair.ours));
    const told = meanOf(pairs.map((pair) => pair.told));
    const ratio = ours === told ? 1 : ours / told;
    const spread = pairs.reduce((sum, pair) => sum + (pair.ours - ratio * pair.told) ** 2, 0);
    const error = told === 0 ? 0 : Math.sqrt(spread / pairs.length / Math.max(1, pairs.length - 1)) / told;
    return [{ figure, ours, told, ratio, error, isMissed: ratio > toleratedShare && ours - told > resolution }];
  });
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
