import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportedOutcome } from '../../contract/words.ts';

/** What an agent did and was told, in its order. Instants are milliseconds of the one clock of this machine. */
export type JournalEntry =
  | { kind: 'claimed'; at: number; leaseId: string; jobIds: string[] }
  /** Before a result is sent; `marker` is in its tests' titles and nowhere else. */
  | {
      kind: 'sent';
      at: number;
      leaseId: string;
      jobId: string;
      marker: string;
      outcome: ReportedOutcome;
      late: boolean;
    }
  /** `stored`: what a success said; null for a refusal. */
  | { kind: 'answered'; at: number; marker: string; status: number; code: string | null; stored: string | null }
  | { kind: 'lease_lost'; at: number; leaseId: string }
  /** Something that contract.md does not allow. */
  | { kind: 'broken'; at: number; text: string };

export type Write = (entry: JournalEntry) => void;

/** Writes synchronously, so that a SIGKILL takes nothing that was noted before it. */
export function openJournal(file: string): Write {
  return (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

/** Every entry of every agent, process by process. */
export function readJournals(folder: string): JournalEntry[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line): JournalEntry => JSON.parse(line));
}
