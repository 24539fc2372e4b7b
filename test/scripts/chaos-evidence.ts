import type { Run } from '../../contract/run.ts';
import type { Evidence } from '../../scripts/chaos/evidence.ts';
import type { JournalEntry } from '../../scripts/chaos/journal.ts';

/** One submission of two jobs that was worked by the book, but for one late result that was refused. */
export function flawlessEvidence(): Evidence {
  const counts = { total: 3, passed: 2, failed: 0, flaky: 0, skipped: 1 };
  const jobs = ['job_a', 'job_b'].map((id, i) => ({
    id,
    runId: 'run_1',
    groupId: 'grp_1',
    testPath: `tests/${i}.spec.ts`,
    status: 'completed',
    conclusion: 'passed',
    attempts: 1,
    losses: 0,
    counts,
  }));
  return {
    acknowledged: [
      {
        idempotencyKey: 'submission-0',
        path: '/v1/runs',
        orgId: 'acme',
        body: {},
        tests: jobs.map((job) => job.testPath),
        testRetries: 0,
        infraRetries: 2,
        atMs: 0,
        runId: 'run_1',
        jobIds: jobs.map((job) => job.id),
      },
    ],
    journals: jobs.flatMap((job): JournalEntry[] => [
      { kind: 'claimed', at: 1, leaseId: 'lse_1', jobIds: [job.id] },
      { kind: 'sent', at: 2, leaseId: 'lse_1', jobId: job.id, marker: `m ${job.id}`, outcome: 'passed', late: false },
      { kind: 'answered', at: 3, marker: `m ${job.id}`, status: 200, code: null, stored: 'stored' },
      { kind: 'sent', at: 9, leaseId: 'lse_1', jobId: job.id, marker: `late ${job.id}`, outcome: 'passed', late: true },
      { kind: 'answered', at: 9, marker: `late ${job.id}`, status: 409, code: 'lease_lost', stored: null },
    ]),
    // safe because the promises read no more of a run than this
    runs: new Map([
      [
        'run_1',
        {
          id: 'run_1',
          conclusion: 'passed',
          counts: { total: 6 },
          jobs: jobs.map((job) => ({ id: job.id, test_path: job.testPath })),
        } as unknown as Run,
      ],
    ]),
    broken: [],
    slackMs: 0,
    records: {
      runs: [{ id: 'run_1', status: 'completed', total: 2, queued: 0, active: 0, counts: { total: 6 } }],
      jobs,
      attempts: jobs.map((job) => ({
        jobId: job.id,
        number: 1,
        leaseId: 'lse_1',
        outcome: 'passed',
        endedAt: 3,
        marker: `m ${job.id}`,
      })),
      groups: [{ id: 'grp_1', queued: 0, active: 0 }],
      leases: [{ id: 'lse_1', status: 'lost', endedAt: 5 }],
      damage: [],
    },
  };
}
