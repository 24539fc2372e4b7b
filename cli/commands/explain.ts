import type { Command } from 'commander';
import { formatDuration } from '../../client/duration.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import { UserError } from '../../client/user-error.ts';
import type { Explanation } from '../../contract/job.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { renderFields } from '../render/table.ts';
import { subjectOf, withSubject } from '../subject.ts';

export function define(command: Command, bind: Bind): void {
  withSubject(command)
    .description('Says why a job waits, and for how long to expect.')
    .addHelpText(
      'after',
      `
Example:
  qgjob explain --job-id=abc456`,
    )
    .action(bind(explain));
}

async function explain(cli: Cli, command: Command): Promise<void> {
  const { kind, id } = subjectOf(command);
  if (kind === 'run') {
    throw new UserError('A job can be explained, a run cannot.', exitCodes.usage, [
      `'qgjob status --run-id=${plainLine(id)}' lists its jobs.`,
    ]);
  }
  const { body } = await connect(cli).explainJob({ params: { id } });
  cli.print({ json: body, id: body.job_id, text: () => renderExplanation(body) });
}

function renderExplanation(why: Explanation): string {
  const { devices } = why;
  const of = (n: number, what: string) => `${n} ${what}`;
  const numbers = renderFields([
    ['waiting', formatDuration(why.waiting_seconds * 1000)],
    ['expected in', why.eta_seconds === null ? null : formatDuration(why.eta_seconds * 1000)],
    ['ahead', `${why.groups_ahead} groups, ${why.jobs_ahead} jobs`],
    [
      'devices',
      [
        of(devices.registered, 'registered'),
        of(devices.online, 'online'),
        of(devices.compatible, 'that fit'),
        of(devices.free, 'free'),
        of(devices.with_app_installed, 'with this app'),
      ].join(', '),
    ],
  ]);
  const state = { free: 'free', busy: 'busy', set_aside: 'set aside', unavailable: 'takes no jobs' };
  const devicesTold = why.candidates.map(({ agent, device, state: now, free_in_seconds: freeIn, rest, failed_here }) =>
    plainLine(
      [
        `  ${device} of ${agent}: ${state[now]}`,
        rest === null ? '' : `: ${rest.reason}`,
        now === 'busy' && freeIn !== null ? `, for about ${formatDuration(freeIn * 1000)} more` : '',
        failed_here ? '; the job failed on it' : '',
      ].join(''),
    ),
  );
  const advice = why.suggestions.map((suggestion) => `- ${plainLine(suggestion)}`);
  const parts = [plainLine(why.summary), ...(why.status === 'completed' ? [] : ['', numbers, ...devicesTold])];
  return [...parts, ...(advice.length > 0 ? ['', ...advice] : [])].join('\n');
}
