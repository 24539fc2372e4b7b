import type { Job } from '../../contract/job.ts';
import type { Installs, Run, RunReport, RunSummary } from '../../contract/run.ts';
import { formatDuration } from '../duration.ts';
import { describeCounts, describeJob, symbolOf, words } from './job.ts';
import { plainLine, plainText } from './plain.ts';
import type { Style } from './style.ts';
import { renderFields } from './table.ts';

/** A run and its jobs, for `status`. */
export function renderRun(run: Run, style: Style): string {
  const fields = renderFields([
    ['run', run.id],
    ['status', standing(run)],
    ['reason', run.reason],
    ['app version', `${run.app_version_id} of ${run.org_id}`],
    ['target', run.target],
    ['tests', run.counts.total > 0 ? describeCounts(run.counts) : null],
    ['installs', run.installs.made + run.installs.avoided > 0 ? describeInstalls(run) : null],
    ['url', run.url],
  ]);
  const jobs = run.jobs.map(
    (job) => `${symbolOf(job, style)} ${plainLine(job.test_path)}  ${describeJob(job)}  ${job.id}`,
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
    ['run', job.run_id],
  ]);
  return attempts.length > 0 ? [fields, 'attempts:', ...attempts].join('\n') : fields;
}

/** `running`, `completed: failed`. */
export function standing({ status, conclusion }: Pick<Job, 'conclusion'> & { status: string }): string {
  return conclusion === null ? status : `${status}: ${words(conclusion)}`;
}

/** `2 installs for 16 jobs, 14 avoided (6 min saved)`. */
function describeInstalls({
  installs,
  job_counts,
}: {
  installs: Installs;
  job_counts: RunSummary['job_counts'];
}): string {
  const { made, avoided, seconds_saved } = installs;
  const jobs = `${job_counts.total} ${job_counts.total === 1 ? 'job' : 'jobs'}`;
  const saved = seconds_saved >= 1 ? ` (${formatDuration(seconds_saved * 1000)} saved)` : '';
  return `${made} ${made === 1 ? 'install' : 'installs'} for ${jobs}, ${avoided} avoided${saved}`;
}

/** What a completed run came to: one line of totals, the failures at their file and line, the install ledger. */
export function renderOutcome(report: RunReport, style: Style): string {
  const { run } = report;
  const took = run.completed_at ? Date.parse(run.completed_at) - Date.parse(run.created_at) : 0;
  const jobs = `${run.job_counts.total} ${run.job_counts.total === 1 ? 'job' : 'jobs'}`;
  const verdict = style(run.conclusion === 'passed' ? 'green' : 'red', words(run.conclusion ?? run.status));
  const totals = [jobs, describeCounts(run.counts), formatDuration(took)].join(', ');
  const failures = report.jobs.flatMap((job) => failuresOf(job, style));
  return [
    '',
    ...(failures.length > 0 ? [...failures, ''] : []),
    `${symbolOf(run, style)} ${verdict}: ${totals}`,
    ...(run.reason && run.conclusion !== 'passed' && failures.length === 0 ? [plainLine(run.reason)] : []),
    describeInstalls(run),
  ].join('\n');
}

const unwelcome = new Set(['failed', 'timed_out', 'interrupted']);
const mostLines = 12;

function failuresOf(job: RunReport['jobs'][number], style: Style): string[] {
  if (job.conclusion === null || ['passed', 'cancelled', 'superseded'].includes(job.conclusion)) return [];
  const attempt = job.attempts.at(-1);
  // the runner's own retries are results of their own: the last one of each test counts
  const last = new Map((attempt?.tests ?? []).toSorted((a, b) => a.retry - b.retry).map((test) => [test.id, test]));
  const tests = [...last.values()].filter((test) => unwelcome.has(test.status));
  const told = tests.flatMap((test) => {
    const error = test.errors[0];
    const place = error?.file ? { file: error.file, line: error.line ?? test.line } : test;
    const title = test.title_path.length > 0 ? test.title_path.join(' › ') : test.title;
    return [heading(place, title, style), ...indented(error?.message ?? words(test.status))];
  });
  if (told.length > 0) return told;
  const errors = (attempt?.errors ?? []).flatMap((error) => [
    heading({ file: error.file ?? job.test_path, line: error.line ?? 0 }, words(attempt?.outcome ?? 'failed'), style),
    ...indented(error.message),
  ]);
  if (errors.length > 0) return errors;
  return [heading({ file: job.test_path, line: 0 }, words(job.conclusion), style), ...indented(job.reason ?? '')];
}

function heading(place: { file: string; line: number }, title: string, style: Style): string {
  const where = plainLine(place.file) + (place.line > 0 ? `:${place.line}` : '');
  return `${style('red', '✗')} ${style('bold', where)}  ${plainLine(title)}`;
}

function indented(message: string): string[] {
  const lines = plainText(message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const more = lines.length > mostLines ? [`    … ${lines.length - mostLines} more lines`] : [];
  return [...lines.slice(0, mostLines).map((line) => `    ${line}`), ...more];
}
