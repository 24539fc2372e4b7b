/**
 * How often a test is flaky, from little: a score that every attempt of its file makes a little smaller, and every time it was
 * flaky larger. Nothing is written while it is not.
 */
export interface Flakiness {
  score: number;
  /** The number of attempts its file had when the score was written. */
  atAttempt: number;
}

/** The latest fifty or so attempts count. */
const fades = 0.98;

/** After the test was flaky in its file's attempt number `attempts`. */
export function learnFlaky(known: Flakiness | undefined, attempts: number): Flakiness {
  return { score: scoreAt(known, attempts) + 1, atAttempt: attempts };
}

/** The share of its file's latest attempts in which the test was flaky, 0 to 1. */
export function flakyRateOf(known: Flakiness | undefined, attempts: number): number {
  if (!known || attempts <= 0) return 0;
  const most = (1 - fades ** attempts) / (1 - fades);
  return Math.min(1, scoreAt(known, attempts) / most);
}

/** `in 4 % of its latest runs`; empty when it is not known. */
export function flakyText(rate: number | null): string {
  return rate === null ? '' : `in ${Math.max(1, Math.round(rate * 100))} % of its latest runs`;
}

function scoreAt(known: Flakiness | undefined, attempts: number): number {
  return known ? known.score * fades ** Math.max(0, attempts - known.atAttempt) : 0;
}
