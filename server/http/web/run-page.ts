import type { RunReport } from '../../../contract/run.ts';
import { durationText } from '../../domain/duration-text.ts';
import { instantText, toneOf, words } from './format.ts';
import { jobDetails } from './job-details.ts';
import { type Markup, markup } from './markup.ts';
import { page } from './page.ts';
import { stateOf } from './state.ts';

type Run = RunReport['run'];
type Job = RunReport['jobs'][number];

const refreshSeconds = 5;

/**
 * A run's page: everything known of it, without a script. Loads itself again until the run has completed.
 * @param now the server's clock, ms, for what has not ended yet
 */
export function runPage({ run, jobs }: RunReport, now: number): string {
  const state = run.conclusion ?? run.status;
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
${facts(run, now)}
<nav>
<a href="/v1/runs/${run.id}/report.json">Report as JSON</a>
<a href="/v1/runs/${run.id}/junit.xml">Report as JUnit XML</a>
</nav>
<h2>Jobs</h2>
${jobTable(jobs, now)}
<h2>Tests</h2>
${jobs.map((job) => jobDetails(job, now))}
</main>`;
  const title = `${words(state)} · ${run.app_version_id} · ${run.id}`;
  return page(title, body, run.status === 'completed' ? {} : { refreshSeconds });
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

function facts(run: Run, now: number): Markup {
  const { installs, github } = run;
  const end = run.completed_at === null ? now : Date.parse(run.completed_at);
  return markup`<dl>
${fact('App version', run.app_version_id)}
${fact('Target', run.target)}
${fact('Project', run.project)}
${fact('Priority', `${run.priority} of 9`)}
${fact('Devices', run.devices.length === 0 ? 'any' : run.devices.map(deviceText).join(' or '))}
${fact('Submitted', instantText(run.created_at))}
${fact('Waited', run.started_at && durationText(Date.parse(run.started_at) - Date.parse(run.created_at)))}
${fact('Took', run.started_at && durationText(end - Date.parse(run.started_at)))}
${fact('Installs', `${installs.made} made, ${installs.avoided} avoided, ${durationText(installs.seconds_saved * 1000)} saved`)}
${fact('Retry of', run.retry_of && markup`<a href="/runs/${run.retry_of}">${run.retry_of}</a>`)}
${fact('GitHub', github && commitLink(github))}
</dl>`;
}

function fact(name: string, value: string | Markup | null): Markup | string {
  return value === null ? '' : markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function deviceText({ platform, model, os_version, labels = [] }: Run['devices'][number]): string {
  return [platform, model, os_version, ...labels].filter((part) => part !== undefined).join(' ');
}

function commitLink({ repository, head_sha }: NonNullable<Run['github']>): Markup {
  const path = head_sha === undefined ? repository : `${repository}/commit/${head_sha}`;
  const text = head_sha === undefined ? repository : `${repository} @ ${head_sha.slice(0, 7)}`;
  return markup`<a href="https://github.com/${path}" rel="noreferrer">${text}</a>`;
}

function jobTable(jobs: Job[], now: number): Markup {
  return markup`<div class="wide"><table>
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
<td>${stateOf(job.conclusion ?? job.status)}</td>
<td class="whole">${last ? markup`${last.device} <span class="soft">at ${last.agent}</span>` : ''}</td>
<td class="whole">${tookText(job, now)}</td>
<td class="whole">${job.attempts.length}</td>
<td>${job.reason}</td>
<td>${last || job.carried_from !== null ? log : ''}</td>
</tr>
`;
}

function tookText({ started_at, completed_at }: Job, now: number): string {
  if (started_at === null) return '';
  return durationText((completed_at === null ? now : Date.parse(completed_at)) - Date.parse(started_at));
}
