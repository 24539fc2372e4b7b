import type { Run } from '../../contract/run.ts';
import type { Acknowledged } from './clients.ts';
import type { JournalEntry } from './journal.ts';
import type { Records } from './records.ts';

/** Everything that was seen from outside, and what the database held at the end. */
export interface Evidence {
  acknowledged: Acknowledged[];
  journals: JournalEntry[];
  /** The runs as the API showed them at the end. */
  runs: Map<string, Run>;
  /** Found on the way by clients, agents and watchers. */
  broken: string[];
  records: Records;
  /** How far an agent's clock and a lease's end may be apart: 0 where one process decides in the order of arrival. */
  slackMs: number;
}

/** Something the server promises, and how the evidence contradicts it. */
export interface Promised {
  promise: string;
  contradictions(evidence: Evidence): string[];
}

export type Sent = Extract<JournalEntry, { kind: 'sent' }>;
export type Answered = Extract<JournalEntry, { kind: 'answered' }>;

/** What agents sent, by marker; a result sent twice is in here with its first sending. */
export function sentByMarker(journals: readonly JournalEntry[]): Map<string, Sent> {
  const sent = new Map<string, Sent>();
  for (const entry of journals) if (entry.kind === 'sent' && !sent.has(entry.marker)) sent.set(entry.marker, entry);
  return sent;
}

/** What agents were told of each marker. */
export function answersByMarker(journals: readonly JournalEntry[]): Map<string, Answered[]> {
  return groupBy(
    journals.filter((entry) => entry.kind === 'answered'),
    ({ marker }) => marker,
  );
}

export function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

export function countBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  return new Map([...groupBy(list, keyOf)].map(([key, items]) => [key, items.length]));
}
