import type { Run } from '../contract/run.ts';

/** Every output of action.yml. */
export const outputNames = [
  'run-id',
  'run-url',
  'job-ids',
  'status',
  'conclusion',
  'total',
  'passed',
  'failed',
  'flaky',
  'skipped',
  'app-version-id',
  'app-sha256',
  'installs',
  'installs-avoided',
  'queue-seconds',
  'run-seconds',
  'junit-path',
  'results-json',
] as const;
type OutputName = (typeof outputNames)[number];

export type Outputs = { [K in OutputName]?: string | number };

/** A job's share of `results-json`; an output may hold 1 MiB in all, and steps read it through the environment. */
const mostResultsBytes = 256 * 1024;

/** What is known the moment a run is acknowledged. */
export function outputsOfSubmission(run: Run, appSha256: string | undefined): Outputs {
  return {
    'run-id': run.id,
    'run-url': run.url,
    'job-ids': JSON.stringify(run.jobs.map((job) => job.id)),
    status: run.status,
    'app-version-id': run.app_version_id,
    ...(appSha256 ? { 'app-sha256': appSha256 } : {}),
  };
}

/** What a completed run came to. */
export function outputsOfEnd(run: Run): Outputs {
  const { counts, installs } = run;
  return {
    status: run.status,
    conclusion: run.conclusion ?? '',
    total: counts.total,
    passed: counts.passed,
    failed: counts.failed,
    flaky: counts.flaky,
    skipped: counts.skipped,
    installs: installs.made,
    'installs-avoided': installs.avoided,
    'queue-seconds': secondsBetween(run.created_at, run.started_at ?? run.completed_at),
    'run-seconds': secondsBetween(run.started_at, run.completed_at),
    'results-json': resultsJson(run),
  };
}

function secondsBetween(from: string | null, to: string | null): number {
  return from && to ? Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)) : 0;
}

/** The run in short, with as many of its jobs as there is room for; `jobs_left_out` counts the others. */
function resultsJson(run: Run): string {
  const jobs = run.jobs.map(({ id, test_path, conclusion, counts, carried_from }) => ({
    id,
    test_path,
    conclusion,
    counts,
    carried_from,
  }));
  const whole = (shown: number) =>
    JSON.stringify({
      run_id: run.id,
      url: run.url,
      conclusion: run.conclusion,
      counts: run.counts,
      installs: run.installs,
      jobs: jobs.slice(0, shown),
      jobs_left_out: jobs.length - shown,
    });
  let shown = jobs.length;
  while (shown > 0 && Buffer.byteLength(whole(shown)) > mostResultsBytes) shown = Math.floor(shown / 2);
  return whole(shown);
}
