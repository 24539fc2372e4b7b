import { InvalidValue } from './invalid-value.ts';

const secondsPer = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Reads `90s`, `15m`, `1h`, `2d` or a bare number of minutes; whole seconds, at least 1. @throws InvalidValue */
export function parseDuration(text: string): number {
  const [, amount, unit = 'm'] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text.trim()) ?? [];
  const seconds = Math.round(Number(amount) * secondsPer[unit as keyof typeof secondsPer]);
  if (!Number.isSafeInteger(seconds) || seconds < 1) {
    throw new InvalidValue('A duration is written 90s, 15m, 1h or 2d; a bare number is minutes.');
  }
  return seconds;
}

/** Milliseconds for people: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes < 60) return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 60)} h`;
}
