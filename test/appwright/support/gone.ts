import { readdirSync, readFileSync } from 'node:fs';
import type { Lab } from './lab.ts';

/** Processes that know of this lab: runners, Appium, whatever they started. This process itself is none. */
export function processesOf({ dir }: Pick<Lab, 'dir'>): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(dir)) return [];
      if (readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')) return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')}`];
    } catch {
      return []; // it has just ended
    }
  });
}
