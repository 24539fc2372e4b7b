/** `850 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * An estimate in steps that grow with it, `less than a minute`, `about 3 min`, `about 25 min`, `about 2 h`: closer than it
 * can be told, and a check run would change with every second.
 */
export function estimateText(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 10) return `about ${minutes} min`;
  if (minutes <= 60) return `about ${Math.ceil(minutes / 5) * 5} min`;
  return `about ${Math.ceil(minutes / 60)} h`;
}

/** `1 test`, `2 tests`. */
export function countText(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
