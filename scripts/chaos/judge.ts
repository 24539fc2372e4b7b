import type { Evidence, Promised } from './evidence.ts';
import {
  completedOnce,
  countersAgree,
  everythingAcknowledgedExists,
  everythingCompleted,
  oneRunPerKey,
} from './promises-of-jobs.ts';
import {
  acknowledgedResultsStored,
  contractKept,
  noLateResult,
  nothingCountedTwice,
  storedResultsWereSent,
} from './promises-of-results.ts';

export const promises: readonly Promised[] = [
  everythingAcknowledgedExists,
  oneRunPerKey,
  everythingCompleted,
  completedOnce,
  acknowledgedResultsStored,
  storedResultsWereSent,
  noLateResult,
  nothingCountedTwice,
  countersAgree,
  contractKept,
];

export interface Verdict {
  promise: string;
  contradictions: string[];
}

export function judge(evidence: Evidence): Verdict[] {
  return promises.map(({ promise, contradictions }) => ({ promise, contradictions: contradictions(evidence) }));
}
