import type { Evidence, Promised } from './evidence.ts';
import { promises } from './judge.ts';
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

/** A fault forged into real evidence, and the promise that must notice it: a check that cannot fail proves nothing. */
interface Control {
  fault: string;
  noticedBy: Promised;
  forge(evidence: Evidence): void;
}

export const controls: readonly Control[] = [
  {
    fault: 'an acknowledged job is gone',
    noticedBy: everythingAcknowledgedExists,
    forge: ({ records }) => void records.jobs.pop(),
  },
  {
    fault: 'a key made a second run',
    noticedBy: oneRunPerKey,
    forge: ({ records }) => void records.runs.push({ ...last(records.runs), id: 'run_twin' }),
  },
  {
    fault: 'a job is still running',
    noticedBy: everythingCompleted,
    forge: ({ records }) => void Object.assign(last(records.jobs), { status: 'running', conclusion: null }),
  },
  {
    fault: 'a job that had passed ran once more',
    noticedBy: completedOnce,
    forge({ records }) {
      const passed = last(records.attempts.filter(({ outcome }) => outcome === 'passed'));
      records.attempts.push({ ...passed, number: passed.number + 1 });
    },
  },
  {
    fault: 'an acknowledged result is gone',
    noticedBy: acknowledgedResultsStored,
    forge({ records, journals }) {
      const told = last(journals.filter((entry) => entry.kind === 'answered' && entry.stored === 'stored'));
      records.attempts = records.attempts.filter(({ marker }) => !('marker' in told) || marker !== told.marker);
    },
  },
  {
    fault: 'a stored result is of another lease',
    noticedBy: storedResultsWereSent,
    forge: ({ records }) =>
      void Object.assign(last(records.attempts.filter(({ marker }) => marker !== null)), { leaseId: 'lse_other' }),
  },
  {
    fault: 'a late result took the place of the right one',
    noticedBy: noLateResult,
    forge({ records, journals }) {
      const { jobId, leaseId } = last(records.attempts);
      const late = { leaseId, jobId, marker: 'late', outcome: 'passed', late: true } as const;
      journals.push({ kind: 'sent', at: Date.now(), ...late });
      Object.assign(last(records.attempts), { marker: 'late' });
    },
  },
  {
    fault: 'a result was counted twice',
    noticedBy: nothingCountedTwice,
    forge: ({ records }) =>
      void Object.assign(last(records.jobs.filter((job) => job.counts.total > 0)), { counts: { total: 6 } }),
  },
  {
    fault: 'a group counts one job too many',
    noticedBy: countersAgree,
    forge: ({ records }) => void last(records.groups).queued++,
  },
  {
    fault: 'a wrong token was taken',
    noticedBy: contractKept,
    forge: ({ journals }) => void journals.push({ kind: 'broken', at: 0, text: 'a wrong token was answered 200' }),
  },
];

/** The faults that the checks did not notice; and, as `untried`, the promises for which no fault is forged. */
export function runControls(evidence: Evidence): { unnoticed: string[]; untried: string[] } {
  const unnoticed = controls.filter(({ forge, noticedBy }) => {
    const forged = structuredClone(evidence);
    forge(forged);
    return noticedBy.contradictions(forged).length === 0;
  });
  const tried = new Set(controls.map(({ noticedBy }) => noticedBy));
  return {
    unnoticed: unnoticed.map(({ fault }) => fault),
    untried: promises.filter((one) => !tried.has(one)).map(({ promise }) => promise),
  };
}

/** @throws RangeError on an empty list: a run in which nothing passed proves nothing */
function last<T>(list: readonly T[]): T {
  const item = list.at(-1);
  if (item === undefined) throw new RangeError('nothing happened in this run: there is nothing to forge a fault into');
  return item;
}
