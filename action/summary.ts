import { describeCounts, words } from '../client/describe.ts';
import { formatDuration } from '../client/duration.ts';
import { type Failure, failuresOf, fullTitle, isInfrastructure, lastResults } from '../contract/failures.ts';
import { codeBlock, fitSections, htmlCode, inlineCode } from '../contract/markdown.ts';
import { repositoryPath, sourceUrl } from '../contract/repository-path.ts';
import type { RunReport, RunSummary } from '../contract/run.ts';

/** GitHub drops a step's summary above 1 MiB; a little less, for what else the step may have written. */
const mostBytes = 1_000_000;
const mostFailures = 100;
const mostSlow = 5;
const mostCarried = 50;

export interface SummaryPlace {
  /** The test project, relative to the workspace. */
  projectDir: string;
  /** Where files of the tested commit are shown; null where that is not known. */
  blobUrl: string | null;
}

/** A completed run as the Markdown of a job summary: the verdict first, then what there is to do, then the rest. */
export function renderSummary(report: RunReport, place: SummaryPlace): string {
  const failures = failuresOf(report);
  const sections = [
    verdict(report),
    facts(report.run),
    ...failureTable(failures, report.run, place),
    ...messages(failures),
    ...flaky(report),
    ...carried(report),
    ...slowest(report),
  ];
  return `${fitSections(sections, mostBytes, `There is more: [the whole run](${report.run.url}).`)}\n`;
}

/** What is known of a run that the step does not wait for. */
export function renderSubmitted({ id, url, job_counts }: RunSummary): string {
  const files = `${job_counts.total} ${job_counts.total === 1 ? 'test file' : 'test files'}`;
  return `## 🕓 qgjob: submitted\n\n${files} in [${id}](${url}). This step does not wait for them.\n`;
}

/** What is known of a run that a maintainer has to let go first. */
export function renderAwaiting({ id, url, reason }: RunSummary): string {
  return `## ✋ qgjob: waits for a maintainer\n\n${inlineCode(reason ?? '', 500)} Nothing runs before, and this step does not wait: [${id}](${url}).\n`;
}

function verdict({ run, jobs }: RunReport): string {
  const ended = jobs.filter((job) => job.conclusion !== 'passed').length;
  const files = `${jobs.length} ${jobs.length === 1 ? 'test file' : 'test files'}`;
  const rest = ended === 0 ? '' : `: ${ended} of ${files} did not pass`;
  switch (run.conclusion) {
    case 'passed':
      return `## ✅ qgjob: passed, ${describeCounts(run.counts)} in ${files}`;
    case 'infra_error':
      return `## ⚠️ qgjob: infrastructure failed, not a test${rest}`;
    case 'no_tests':
      return '## ❌ qgjob: no test was run';
    case 'timed_out':
      return `## ⏱️ qgjob: timed out${rest}`;
    case 'cancelled':
    case 'superseded':
      return `## 🚫 qgjob: ${run.conclusion}${rest}`;
    default:
      return `## ❌ qgjob: ${words(run.conclusion ?? run.status)}${rest}`;
  }
}

function facts(run: RunSummary): string {
  const { installs } = run;
  const saved = installs.seconds_saved >= 1 ? `, ${formatDuration(installs.seconds_saved * 1000)} saved` : '';
  const rows: [string, string][] = [
    ['Tests', `${run.counts.passed} passed, ${describeCounts(run.counts)}`],
    ['App version', `${inlineCode(run.app_version_id)} on ${words(run.target)}`],
    ['Installs', `${installs.made} made, ${installs.avoided} avoided${saved}`],
    ['Time', `${waited(run)} queued, ${ran(run)} running`],
    ['Run', `[${run.id}](${run.url})${run.attempt > 1 ? `, attempt ${run.attempt}` : ''}`],
    ...(run.reason && run.conclusion !== 'passed' ? [['Reason', inlineCode(run.reason, 500)] as [string, string]] : []),
  ];
  return table(['', ''], rows);
}

function failureTable(failures: Failure[], run: RunSummary, place: SummaryPlace): string[] {
  if (failures.length === 0) return [];
  const rows = failures.slice(0, mostFailures).map((failure): string[] => {
    const { job } = failure;
    const device = job.attempts.at(-1)?.device;
    return [
      `[${inlineCode(failure.title, 150)}](${run.url}#${job.id})`,
      where(failure, place),
      inlineCode(failure.message.trim().split('\n', 1)[0] ?? ''),
      `${isInfrastructure(failure) ? 'infrastructure' : 'test'}${device ? `, ${inlineCode(device, 60)}` : ''}`,
    ];
  });
  const more =
    failures.length > mostFailures ? [`and ${failures.length - mostFailures} more: [the whole run](${run.url})`] : [];
  return ['### Failures', table(['Test', 'Where', 'Message', 'Blame'], rows), ...more];
}

function where({ file, line }: Failure, { projectDir, blobUrl }: SummaryPlace): string {
  const shown = inlineCode(line > 0 ? `${file}:${line}` : file, 150);
  const path = repositoryPath(file, projectDir);
  return blobUrl === null || path === undefined ? shown : `[${shown}](${sourceUrl(blobUrl, path, line)})`;
}

function messages(failures: Failure[]): string[] {
  return failures.slice(0, mostFailures).flatMap((failure) => {
    if (!failure.message.trim().includes('\n')) return [];
    return `<details><summary>${htmlCode(failure.title, 150)}</summary>\n\n${codeBlock(failure.message)}\n\n</details>`;
  });
}

function flaky({ jobs }: RunReport): string[] {
  const tests = jobs.flatMap((job) =>
    job.attempts.flatMap((attempt) => lastResults(attempt.tests)).filter((test) => test.status === 'flaky'),
  );
  if (tests.length === 0) return [];
  const rows = tests.slice(0, mostFailures).map((test) => [inlineCode(fullTitle(test), 150), inlineCode(test.file)]);
  return ['### Flaky: failed, then passed', table(['Test', 'File'], rows)];
}

function carried({ jobs }: RunReport): string[] {
  const files = jobs.filter((job) => job.carried_from !== null);
  if (files.length === 0) return [];
  const shown = files
    .slice(0, mostCarried)
    .map((job) => `- ${inlineCode(job.test_path)}, ${describeCounts(job.counts)}`);
  const more = files.length > mostCarried ? [`- and ${files.length - mostCarried} more`] : [];
  const title = `### Not run again: passed in an earlier attempt (${files.length} of ${jobs.length} test files)`;
  return [title, [...shown, ...more].join('\n')];
}

function slowest({ jobs }: RunReport): string[] {
  const tests = jobs
    .filter((job) => job.carried_from === null)
    .flatMap((job) => lastResults(job.attempts.at(-1)?.tests ?? []))
    .filter((test) => test.duration_ms > 0)
    .toSorted((a, b) => b.duration_ms - a.duration_ms)
    .slice(0, mostSlow);
  if (tests.length === 0) return [];
  const rows = tests.map((test) => [
    inlineCode(fullTitle(test), 150),
    inlineCode(test.file),
    formatDuration(test.duration_ms),
  ]);
  return ['### Slowest tests', table(['Test', 'File', 'Time'], rows)];
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function waited(run: RunSummary): string {
  return spent(run.created_at, run.started_at ?? run.completed_at);
}

function ran(run: RunSummary): string {
  return spent(run.started_at, run.completed_at);
}

function spent(from: string | null, to: string | null): string {
  return from && to ? formatDuration(Math.max(0, Date.parse(to) - Date.parse(from))) : '0.0 s';
}
