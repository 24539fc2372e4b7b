import { countBy, groupBy, type Promised } from './evidence.ts';
import type { AttemptRecord, Records } from './records.ts';

export const everythingAcknowledgedExists: Promised = {
  promise: 'every acknowledged submission exists with all its jobs',
  contradictions({ acknowledged, runs, records }) {
    const stored = groupBy(records.jobs, (job) => job.runId);
    return acknowledged.flatMap(({ idempotencyKey, runId, jobIds, tests }) => {
      const shown = runs.get(runId)?.jobs.map((job) => ({ id: job.id, test: job.test_path })) ?? [];
      const kept = stored.get(runId)?.map((job) => ({ id: job.id, test: job.testPath })) ?? [];
      const wanted = JSON.stringify(tests.map((test, i) => ({ id: jobIds[i], test })));
      if (JSON.stringify(kept) !== wanted) return [`${idempotencyKey}: run ${runId} has other jobs in the database`];
      return JSON.stringify(shown) === wanted ? [] : [`${idempotencyKey}: the API shows other jobs of run ${runId}`];
    });
  },
};

export const oneRunPerKey: Promised = {
  promise: 'no idempotency key made two runs, and nothing made a run unasked',
  contradictions({ acknowledged, records }) {
    const asked = new Set(acknowledged.map(({ runId }) => runId));
    const shared = [...countBy(acknowledged, ({ runId }) => runId)].filter(([, count]) => count > 1);
    return [
      ...records.runs.filter(({ id }) => !asked.has(id)).map(({ id }) => `nobody was told of run ${id}`),
      ...shared.map(([id]) => `two keys were told run ${id}`),
    ];
  },
};

export const everythingCompleted: Promised = {
  promise: 'every job completed, with a conclusion, and so did its run',
  contradictions({ runs, records }) {
    return [
      ...records.jobs
        .filter(({ status, conclusion }) => status !== 'completed' || conclusion === null)
        .map(({ id, status }) => `job ${id} is ${status}`),
      ...records.runs.filter(({ status }) => status !== 'completed').map(({ id, status }) => `run ${id} is ${status}`),
      ...[...runs.values()].filter((run) => run.conclusion === null).map(({ id }) => `run ${id} has no conclusion`),
    ];
  },
};

/** Which outcome may be the last one of a job with which conclusion. */
const finalOutcomes: Record<string, string[]> = {
  passed: ['passed', 'flaky'],
  failed: ['failed'],
  timed_out: ['timed_out'],
  infra_error: ['infra_error', 'lost'],
};

export const completedOnce: Promised = {
  promise: 'every job completed exactly once, by its last attempt and within its retry budgets',
  contradictions({ acknowledged, records }) {
    const attempts = groupBy(records.attempts, ({ jobId }) => jobId);
    const submissions = new Map(acknowledged.flatMap((one) => one.jobIds.map((id) => [id, one])));
    return records.jobs.flatMap((job) => {
      const own = attempts.get(job.id) ?? [];
      const submission = submissions.get(job.id);
      const found: string[] = [];
      const numbers = own.map(({ number }) => number).join();
      if (numbers !== own.map((_, i) => i + 1).join() || own.length !== job.attempts)
        found.push(`says it had ${job.attempts} attempts and has those with the numbers ${numbers}`);
      if (!finalOutcomes[job.conclusion ?? '']?.includes(own.at(-1)?.outcome ?? ''))
        found.push(`is ${job.conclusion} after an attempt that ${own.at(-1)?.outcome}`);
      if (own.slice(0, -1).some(({ outcome }) => outcome === 'passed' || outcome === 'flaky'))
        found.push('was run again after it had passed');
      if (count(own, ['failed', 'timed_out']) > 1 + (submission?.testRetries ?? 0))
        found.push('was run again beyond its budget for failed tests');
      if (count(own, ['infra_error']) > 1 + (submission?.infraRetries ?? 0))
        found.push('was run again beyond its budget for infrastructure');
      if (count(own, ['lost']) !== job.losses || job.losses > 3) found.push(`counts ${job.losses} losses`);
      return found.map((what) => `job ${job.id} ${what}`);
    });
  },
};

function count(attempts: readonly AttemptRecord[], outcomes: string[]): number {
  return attempts.filter(({ outcome }) => outcomes.includes(outcome)).length;
}

/** Of the counters that stand for rows; good for a database at any moment, as they change in one transaction. */
export function miscounted({ runs, jobs, groups }: Records): string[] {
  const waiting = jobs.filter(({ status }) => status === 'queued');
  const working = jobs.filter(({ status }) => status === 'assigned' || status === 'running');
  const compare = (what: string, of: 'groupId' | 'runId', rows: { id: string; queued: number; active: number }[]) => {
    const queued = countBy(waiting, (job) => job[of]);
    const active = countBy(working, (job) => job[of]);
    return rows
      .filter((row) => row.queued !== (queued.get(row.id) ?? 0) || row.active !== (active.get(row.id) ?? 0))
      .map(({ id, ...row }) => `${what} ${id} counts ${row.queued} waiting and ${row.active} active, wrongly`);
  };
  const jobsOfRun = groupBy(jobs, (job) => job.runId);
  return [
    ...compare('group', 'groupId', groups),
    ...compare('run', 'runId', runs),
    ...runs
      .filter(({ id, total }) => jobsOfRun.get(id)?.length !== total)
      .map(({ id, total }) => `run ${id} does not have the ${total} jobs it counts`),
  ];
}

export const countersAgree: Promised = {
  promise: 'the counters of groups and runs equal a recount, and the database is whole',
  contradictions({ records }) {
    const knownJobs = new Set(records.jobs.map(({ id }) => id));
    const knownLeases = new Set(records.leases.map(({ id }) => id));
    return [
      ...miscounted(records),
      ...records.damage,
      ...records.attempts
        .filter(({ jobId, leaseId }) => !knownJobs.has(jobId) || !knownLeases.has(leaseId))
        .map(({ jobId, number }) => `attempt ${number} of ${jobId} belongs to no job or no lease`),
    ];
  },
};
