import type { RunReport } from '../../../contract/run.ts';
import { findingsOf } from '../../domain/check/findings.ts';
import type { CheckView } from '../../domain/check/view.ts';
import { durationText, estimateText } from '../../domain/duration-text.ts';
import type { Run as RunRecord } from '../../domain/model.ts';
import { toneOf, words } from './format.ts';
import { jobDetails } from './job-details.ts';
import { type Markup, markup } from './markup.ts';
import { page } from './page.ts';
import { runFacts } from './run-facts.ts';
import { runFindings } from './run-findings.ts';
import { showPlaces } from './source-link.ts';
import { stateOf } from './state.ts';

type Run = RunReport['run'];
type Job = RunReport['jobs'][number];

/** All that a page tells of a run. */
export interface RunPage {
  report: RunReport;
  /** The same as the server has it, with what its check run tells besides. */
  view: CheckView;
  /** The runs that do it again, newest first. */
  retries: readonly RunRecord[];
}

const refreshSeconds = 5;

/**
 * A run's page: everything known of it, without a script. Loads itself again until the run has completed.
 * @param now the server's clock, ms, for what has not ended yet
 */
export function runPage({ report: { run, jobs }, view, retries }: RunPage, now: number): string {
  const state = run.conclusion ?? run.status;
  const place = showPlaces(run.github);
  const sources = new Map(view.jobs.map(({ job, carriedFromRun }) => [job.id, carriedFromRun]));
  const body = markup`<header>
<p class="soft">qgjob · ${run.org_id}</p>
<h1>Run <code>${run.id}</code></h1>
</header>
<main>
<div class="verdict ${toneOf(state)}">
<strong>${stateOf(state)}</strong>
<span>${countsText(run)}</span>
${run.reason === null ? '' : markup`<span>${run.reason}</span>`}
</div>
${waiting(view)}
${runFacts(run, retries, now)}
<nav>
<a href="/v1/runs/${run.id}/report.json">Report as JSON</a>
<a href="/v1/runs/${run.id}/junit.xml">Report as JUnit XML</a>
</nav>
${runFindings(findingsOf(view), place)}
<h2>Jobs</h2>
${jobTable(jobs, now)}
<h2>Tests</h2>
${jobs.map((job) => jobDetails(job, { now, place, carriedFromRun: sources.get(job.id) ?? null }))}
</main>`;
  const title = `${words(state)} · ${run.app_version_id} · ${run.id}`;
  return page(title, body, run.status === 'completed' ? {} : { refreshSeconds });
}

/** Why it does not go on, while it does not. */
function waiting({ run, wait }: CheckView): Markup | string {
  if (run.status === 'completed') return '';
  if (run.awaitingApproval) {
    return markup`<div class="notice odd"><p><strong>Waits for approval.</strong> The commit comes from a fork. Nothing runs
before someone who may write to the repository has looked at it and commented <code>/qgjob run</code> on the pull request;
that approves this commit and no later one.</p></div>`;
  }
  if (wait === null) return '';
  const eta = wait.etaSeconds === null ? '' : markup` It should start in ${estimateText(wait.etaSeconds)}.`;
  return markup`<div class="notice going"><p><strong>Why the next job waits:</strong> ${wait.summary}${eta}</p>
${wait.suggestions.map((text) => markup`<p class="soft">${text}</p>`)}</div>`;
}

function countsText({ counts, job_counts: jobs }: Run): string {
  const tests = [
    `${counts.passed} passed`,
    `${counts.failed} failed`,
    `${counts.flaky} flaky`,
    `${counts.skipped} skipped`,
  ].join(', ');
  return `${counts.total} tests: ${tests} · ${jobs.completed} of ${jobs.total} jobs completed`;
}

function jobTable(jobs: Job[], now: number): Markup {
  return markup`<div class="wide"><table class="stacks">
<thead><tr><th>Spec</th><th>State</th><th>Device</th><th>Took</th><th>Attempts</th><th>Why</th><th>Log</th></tr></thead>
<tbody>
${jobs.map((job) => jobRow(job, now))}
</tbody>
</table></div>`;
}

function jobRow(job: Job, now: number): Markup {
  const last = job.attempts.at(-1);
  const log = markup`<a href="/v1/jobs/${job.id}/log">log</a>`;
  return markup`<tr>
<td class="path"><a href="#${job.id}">${job.test_path}</a></td>
<td data-label="State">${stateOf(job.conclusion ?? job.status)}</td>
<td data-label="Device" class="whole">${last ? markup`${last.device} <span class="soft">at ${last.agent}</span>` : ''}</td>
<td data-label="Took" class="whole">${tookText(job, now)}</td>
<td data-label="Attempts" class="whole">${job.attempts.length}</td>
<td data-label="Why">${job.reason}</td>
<td data-label="Log">${last || job.carried_from !== null ? log : ''}</td>
</tr>
`;
}

function tookText({ started_at, completed_at }: Job, now: number): string {
  if (started_at === null) return '';
  return durationText((completed_at === null ? now : Date.parse(completed_at)) - Date.parse(started_at));
}
