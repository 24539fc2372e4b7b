import { describeCounts, describeInstalls, describeJob, words } from '../../client/describe.ts';
import { formatDuration } from '../../client/duration.ts';
import { plainLine, plainText } from '../../client/plain-text.ts';
import { type Failure, failuresOf } from '../../contract/failures.ts';
import type { Job } from '../../contract/job.ts';
import type { Run, RunReport } from '../../contract/run.ts';
import type { Style } from './style.ts';
import { colouredSymbol } from './symbol.ts';
import { renderFields } from './table.ts';

/** A run and its jobs, for `status`. */
export function renderRun(run: Run, style: Style): string {
  const fields = renderFields([
    ['run', run.id],
    ['status', standing(run)],
    ['reason', run.reason],
    ['app version', `${run.app_version_id} of ${run.org_id}`],
    ['target', run.target],
    ['jobs', describeJobs(run, run.jobs)],
    ['tests', run.counts.total > 0 ? describeCounts(run.counts) : null],
    ['retry of', run.retry_of],
    ['installs', run.installs.made + run.installs.avoided > 0 ? describeInstalls(run) : null],
    ['url', run.url],
  ]);
  const jobs = run.jobs.map(
    (job) => `${colouredSymbol(job, style)} ${plainLine(job.test_path)}  ${describeJob(job)}  ${job.id}`,
  );
  return [fields, '', ...jobs].join('\n');
}

/** A job, for `status`. */
export function renderJob(job: Job): string {
  const attempts = job.attempts.map((attempt) => {
    const took = attempt.duration_ms === null ? '' : `, ${formatDuration(attempt.duration_ms)}`;
    const install = attempt.install ? `, app ${words(attempt.install.result)}` : '';
    return `  ${attempt.number}. ${words(attempt.outcome ?? 'running')} on ${plainLine(attempt.device)}${took}${install}`;
  });
  const fields = renderFields([
    ['job', job.id],
    ['status', standing(job)],
    ['reason', job.reason],
    ['test', job.test_path],
    ['app version', `${job.app_version_id} of ${job.org_id}`],
    ['target', job.target],
    ['tests', job.counts.total > 0 ? describeCounts(job.counts) : null],
    ['carried over', job.carried_from && `it passed as ${job.carried_from} and was not run again`],
    ['run', job.run_id],
  ]);
  return attempts.length > 0 ? [fields, 'attempts:', ...attempts].join('\n') : fields;
}

/** `running`, `completed: failed`. */
export function standing({ status, conclusion }: Pick<Job, 'conclusion'> & { status: string }): string {
  return conclusion === null ? status : `${status}: ${words(conclusion)}`;
}

/** `5 jobs`, `5 jobs (3 carried over)`. */
function describeJobs(
  { job_counts: { total } }: Pick<Run, 'job_counts'>,
  jobs: readonly Pick<Job, 'carried_from'>[],
): string {
  const carried = jobs.filter((job) => job.carried_from !== null).length;
  const all = `${total} ${total === 1 ? 'job' : 'jobs'}`;
  return carried > 0 ? `${all} (${carried} carried over)` : all;
}

/** What a completed run came to: one line of totals, the failures at their file and line, the install ledger. */
export function renderOutcome(report: RunReport, style: Style): string {
  const { run } = report;
  const took = run.completed_at ? Date.parse(run.completed_at) - Date.parse(run.created_at) : 0;
  const verdict = style(run.conclusion === 'passed' ? 'green' : 'red', words(run.conclusion ?? run.status));
  const totals = [describeJobs(run, report.jobs), describeCounts(run.counts), formatDuration(took)].join(', ');
  const failures = failuresOf(report).flatMap((failure) => renderFailure(failure, style));
  return [
    '',
    ...(failures.length > 0 ? [...failures, ''] : []),
    `${colouredSymbol(run, style)} ${verdict}: ${totals}`,
    ...(run.reason && run.conclusion !== 'passed' && failures.length === 0 ? [plainLine(run.reason)] : []),
    describeInstalls(run),
  ].join('\n');
}

const mostLines = 12;

function renderFailure({ file, line, title, message }: Failure, style: Style): string[] {
  const where = plainLine(file) + (line > 0 ? `:${line}` : '');
  return [`${style('red', '✗')} ${style('bold', where)}  ${plainLine(title)}`, ...indented(message)];
}

function indented(message: string): string[] {
  const lines = plainText(message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const more = lines.length > mostLines ? [`    … ${lines.length - mostLines} more lines`] : [];
  return [...lines.slice(0, mostLines).map((line) => `    ${line}`), ...more];
}
