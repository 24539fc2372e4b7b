import { fitSections, inlineCode, utf8Bytes } from '../../../contract/markdown.ts';
import { countText, durationText, estimateText } from '../duration-text.ts';
import type { Run } from '../model.ts';
import { describeFailures } from './failures.ts';
import type { CheckFindings } from './findings.ts';
import { moreLink, runUrl } from './links.ts';
import { describeCarried, describeFlaky, describeQuarantined } from './notes.ts';
import { mostBytes } from './text.ts';

/** How a run stands and what it rests on; while it waits, for what. Nothing in it tells the time that passes. */
export function summarise(findings: CheckFindings): string {
  const { run } = findings;
  const before = [...waiting(findings), ...progress(findings), countsLine(run), ...reason(run)];
  const after = [
    ...describeQuarantined(findings),
    ...describeFlaky(findings),
    ...describeCarried(findings),
    facts(findings),
  ];
  const more = moreLink(findings);
  // what went wrong has all the room that the rest leaves
  const room = mostBytes - utf8Bytes([...before, ...after, more, ''].join('\n\n'));
  return fitSections([...before, ...describeFailures(findings, room), ...after], mostBytes, more);
}

function waiting({ run, wait }: CheckFindings): string[] {
  if (run.status === 'completed') return [];
  if (run.awaitingApproval) {
    return [
      'The commit comes from a fork. Nothing runs before someone who may write to this repository has looked at it and ' +
        'commented `/qgjob run` on the pull request; that approves this commit and no later one.',
    ];
  }
  if (wait === null) return [];
  const eta = wait.etaSeconds === null ? '' : `\n\nIt should start in ${estimateText(wait.etaSeconds)}.`;
  return [`**Why the next test file waits:** ${inlineCode(wait.summary, 500)}${eta}`];
}

function progress({ run, jobs }: CheckFindings): string[] {
  if (run.status !== 'running') return [];
  const done = run.jobsTotal - run.jobsQueued - run.jobsActive;
  const devices = [...new Set(jobs.flatMap(({ holder }) => (holder ? [holder.device] : [])))];
  const shown = devices.slice(0, 10).map((device) => inlineCode(device, 60));
  const on = shown.length === 0 ? '' : ` on ${shown.join(', ')}${devices.length > 10 ? ' and others' : ''}`;
  return [
    `**${done} of ${countText(run.jobsTotal, 'test file')} done**, ${run.jobsActive} running${on}, ${run.jobsQueued} waiting.`,
  ];
}

function countsLine({ counts, status }: Run): string {
  const parts = (['passed', 'failed', 'flaky', 'skipped'] as const)
    .filter((name) => name === 'passed' || counts[name] > 0)
    .map((name) => `${counts[name]} ${name}`);
  return `**${countText(counts.total, 'test')}${status === 'completed' ? '' : ' so far'}:** ${parts.join(', ')}.`;
}

function reason({ reason, conclusion }: Run): string[] {
  return reason === null || conclusion === 'passed' ? [] : [`**Why:** ${inlineCode(reason, 500)}`];
}

function facts(findings: CheckFindings): string {
  const { run, jobs } = findings;
  const saved = run.installMsSaved >= 1000 ? `, ${durationText(run.installMsSaved)} saved` : '';
  const devices = [...new Set(jobs.flatMap(({ attempts }) => attempts.map(({ device }) => device)))];
  const shown = devices.slice(0, 10).map((device) => inlineCode(device, 60));
  const rows = [
    `| **App version** | ${inlineCode(run.appVersionId)} for target ${inlineCode(run.target)} |`,
    ...(shown.length === 0 ? [] : [`| **Devices** | ${shown.join(', ')}${devices.length > 10 ? ' and others' : ''} |`]),
    `| **Installs** | ${run.installsMade} made, ${run.installsAvoided} avoided${saved} |`,
    ...times(run),
    `| **Run** | [${run.id}](${runUrl(findings, run.id)})${run.attempt > 1 ? `, attempt ${run.attempt}` : ''} |`,
    ...(run.retryOf === null ? [] : [`| **Run before** | [${run.retryOf}](${runUrl(findings, run.retryOf)}) |`]),
  ];
  return ['| | |', '| --- | --- |', ...rows].join('\n');
}

/** Of what is over only: a check run must not change because time passes. */
function times({ createdAt, startedAt, completedAt }: Run): string[] {
  const waitedUntil = startedAt ?? completedAt;
  const parts = [
    ...(waitedUntil === null ? [] : [`${durationText(Math.max(0, waitedUntil - createdAt))} in the queue`]),
    ...(startedAt === null || completedAt === null
      ? []
      : [`${durationText(Math.max(0, completedAt - startedAt))} running`]),
  ];
  return parts.length === 0 ? [] : [`| **Time** | ${parts.join(', ')} |`];
}
