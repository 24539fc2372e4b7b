import type { Run } from './model.ts';

type Attempt = Pick<Run, 'id' | 'retryOf' | 'status' | 'createdAt' | 'jobsTotal'>;

/**
 * The runs of one commit, sorted by what they are attempts of: each family oldest first. A run that does again what a run of
 * another commit did begins a family of its own.
 * @param runs newest first
 */
export function familiesOf<T extends Attempt>(runs: readonly T[]): T[][] {
  const families = new Map<string, T[]>();
  const rootOf = new Map<string, string>();
  for (const run of runs.toReversed()) {
    const root = (run.retryOf !== null && rootOf.get(run.retryOf)) || run.id;
    rootOf.set(run.id, root);
    families.set(root, [...(families.get(root) ?? []), run]);
  }
  return [...families.values()];
}

/** The attempt that stands for a family: its newest, but for those that did again some of its jobs only. */
export function standingAttempt<T extends Attempt>(family: readonly T[]): T | undefined {
  const whole = Math.max(...family.map(({ jobsTotal }) => jobsTotal));
  return family.findLast(({ jobsTotal }) => jobsTotal === whole);
}

/**
 * Why a click on "Re-run" asks for no new attempt: one is under way, or was made since. One click is told by up to two events,
 * in any order, each maybe late.
 * @param of the attempt clicked on; null: the whole family
 * @param at when GitHub last touched the check suite: at or before the click, and after the attempt clicked on was made
 */
export function whyNoNewAttempt(family: readonly Attempt[], of: Attempt | null, at: number | null): string | null {
  const active = family.find(({ status }) => status !== 'completed');
  if (active) return `Run ${active.id} is ${active.status} already.`;
  // GitHub's instants count seconds: what was made in that very second may have been before the click
  const isSince = ({ id, createdAt }: Attempt) => at !== null && id !== of?.id && createdAt >= at + 1_000;
  const since = family.find(isSince);
  return since ? `Run ${since.id} was made since.` : null;
}
