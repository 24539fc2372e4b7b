import type { Verdict } from './judge.ts';

/** A list of names and values, one a line, aligned. */
export function figures(rows: readonly [string, string | number][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/** Each promise with what contradicts it: the first five, and how many more. */
export function verdictText(verdicts: readonly Verdict[]): string {
  return verdicts
    .flatMap(({ promise, contradictions }) => {
      const shown = contradictions.slice(0, 5).map((text) => `         ${text}`);
      const more = contradictions.length > 5 ? [`         and ${contradictions.length - 5} more`] : [];
      return [`  ${contradictions.length === 0 ? 'kept  ' : 'BROKEN'} ${promise}`, ...shown, ...more];
    })
    .join('\n');
}

export function medianAndMost(list: readonly number[]): string {
  const sorted = [...list].sort((a, b) => a - b);
  return `${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms, at most ${Math.round(sorted.at(-1) ?? 0)} ms`;
}
