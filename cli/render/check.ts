import type { Style } from './style.ts';

/** One thing looked at; `advice` says what to do where it is not well. */
export interface Check {
  name: string;
  ok: boolean;
  detail: string;
  advice?: string;
  /** What the command exits with where it is not well. */
  exitCode?: number;
}

export function renderCheck({ name, ok, detail, advice }: Check, style: Style): string {
  const line = `${ok ? style('green', '✓') : style('red', '✗')} ${name}: ${detail}`;
  return advice ? `${line}\n  ${advice}` : line;
}
