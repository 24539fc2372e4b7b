import type { RunReport } from '../../../contract/run.ts';
import { durationText } from '../../domain/duration-text.ts';
import type { Run as RunRecord } from '../../domain/model.ts';
import { repositoryLinks } from '../../domain/repository-links.ts';
import { instantText } from './format.ts';
import { type Markup, markup } from './markup.ts';
import { stateOf } from './state.ts';

type Run = RunReport['run'];

/**
 * What a run asked for, what it took, and where it comes from and leads to.
 * @param now the server's clock, ms, for what has not ended yet
 */
export function runFacts(run: Run, retries: readonly RunRecord[], now: number): Markup {
  const submittedAt = Date.parse(run.created_at);
  const completedAt = run.completed_at === null ? now : Date.parse(run.completed_at);
  const startedAt = run.started_at === null ? null : Date.parse(run.started_at);
  return markup`<dl>
${fact('App version', run.app_version_id)}
${fact('Target', run.target)}
${fact('Project', run.project)}
${fact('Priority', `${run.priority} of 9`)}
${fact('Devices', run.devices.length === 0 ? 'any' : run.devices.map(deviceText).join(' or '))}
${fact('Submitted', instantText(run.created_at))}
${fact(startedAt === null && run.status !== 'completed' ? 'Waiting for' : 'Waited', durationText((startedAt ?? completedAt) - submittedAt))}
${fact(run.status === 'completed' ? 'Took' : 'Running for', startedAt && durationText(completedAt - startedAt))}
${fact('Installs', installsText(run.installs))}
${github(run.github)}
${checkRun(run.check)}
${fact('Attempt', run.retry_of && markup`${run.attempt}, again what <a href="/runs/${run.retry_of}">${run.retry_of}</a> did`)}
${fact('Run again as', retries.length === 0 ? null : markup`${retries.map(retryLink)}`)}
</dl>`;
}

function fact(name: string, value: string | Markup | null | 0): Markup | string {
  return value === null || value === 0 ? '' : markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function installsText({ made, avoided, seconds_saved }: Run['installs']): string {
  const saved = seconds_saved > 0 ? `, ${durationText(seconds_saved * 1000)} saved` : '';
  return `${made} made, ${avoided} avoided${saved}`;
}

function deviceText({ platform, model, os_version, labels = [] }: Run['devices'][number]): string {
  return [platform, model, os_version, ...labels].filter((part) => part !== undefined).join(' ');
}

function retryLink({ id, status, conclusion }: RunRecord): Markup {
  return markup`<span class="whole"><a href="/runs/${id}">${id}</a> ${stateOf(conclusion ?? status)}</span> `;
}

function github(context: Run['github']): Markup | string {
  if (!context) return '';
  const { repository, head_sha, pull_request, run_id, ref, event, job } = context;
  const links = repositoryLinks(context);
  const commit = head_sha === undefined ? repository : `${repository} @ ${head_sha.slice(0, 7)}`;
  const workflow = [job ?? `run ${run_id}`, ...(event === undefined ? [] : [`on ${event}`])].join(', ');
  return markup`${fact(head_sha === undefined ? 'Repository' : 'Commit', outside(links.commit ?? links.repository, commit))}
${fact('Branch or tag', ref ?? null)}
${fact('Pull request', links.pullRequest && outside(links.pullRequest, `#${pull_request}`))}
${fact('Workflow', links.workflowRun && outside(links.workflowRun, workflow))}`;
}

/** Where it is shown on GitHub, or why it is not. */
function checkRun(check: Run['check']): Markup | string {
  if (!check) return '';
  const state = stateOf(check.status);
  const shown = check.url === null ? state : markup`${outside(check.url, 'on GitHub')} ${state}`;
  return markup`${fact('Check run', shown)}
${fact('Check run, why', check.reason)}`;
}

function outside(url: string, text: string): Markup {
  return markup`<a href="${url}" rel="noreferrer">${text}</a>`;
}
