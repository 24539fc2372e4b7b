import { type Command, Option } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { clientLeaseSeconds } from '../../client/lease.ts';
import { orgOf } from '../../client/org.ts';
import { plainLine } from '../../client/plain-text.ts';
import { send } from '../../client/send.ts';
import type { Submission } from '../../client/submission.ts';
import { UserError } from '../../client/user-error.ts';
import { UnreachableError } from '../../contract/client.ts';
import type { Run } from '../../contract/run.ts';
import type { Bind, Cli } from '../cli.ts';
import { type OutcomeFlags, withOutcome } from '../completed-run.ts';
import { connect } from '../connect.ts';
import { followToEnd } from '../follow-to-end.ts';
import { createProgress, type Progress } from '../render/progress.ts';
import { readSubmission, type SubmissionFlags, withSubmission } from '../submission.ts';

interface SubmitFlags extends SubmissionFlags, OutcomeFlags {
  wait?: boolean;
  fallback: 'none' | 'local';
  idempotencyKey?: string;
}

export function define(command: Command, bind: Bind): void {
  withSubmission(command)
    .description('Submits spec files for an app version: one run, with one job per file.')
    .optionsGroup('The submission itself:')
    .option('--wait', 'follow the run to its end; Ctrl-C cancels it')
    .addOption(
      new Option('--fallback <where>', 'when the server cannot be reached').choices(['none', 'local']).default('none'),
    )
    .option('--idempotency-key <key>', 'the same key again brings the same run, not another');
  withOutcome(command)
    .addHelpText(
      'after',
      `
Examples:
  qgjob submit --org-id=qualgent --app-version-id=xyz123 --test=tests/onboarding.spec.js
  qgjob submit --org-id=qualgent --app build/shop.apk --test 'tests/**/*.spec.ts' --wait --junit results.xml
  qgjob submit --app-version-id=xyz123 --test tests --target device --device platform=android,os=14 --priority high
  RUN=$(qgjob submit --app-version-id=xyz123 --test tests --output id) && qgjob wait --run-id=$RUN`,
    )
    .action(bind(submit));
}

async function submit(cli: Cli, command: Command): Promise<number> {
  const flags = command.opts<SubmitFlags>();
  for (const name of ['junit', 'report', 'failOn'] as const) {
    if (flags[name] && !flags.wait) {
      const flag = name === 'failOn' ? '--fail-on' : `--${name}`;
      throw new UserError(`${flag} needs --wait.`, exitCodes.usage, ["Or use it with 'qgjob wait' later."]);
    }
  }
  const submission = await readSubmission(cli, flags);
  const abort = new AbortController();
  cli.interrupts.claim({ first: () => abort.abort() });
  const progress = createProgress(cli.progress, cli.io.env);
  try {
    return await submitAndWait(cli, flags, submission, progress, abort.signal);
  } finally {
    progress.end();
  }
}

async function submitAndWait(
  cli: Cli,
  flags: SubmitFlags,
  submission: Submission,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const client = connect(cli);
  let run: Run;
  try {
    run = await send(submission, {
      connect: (fetching) => connect(cli, fetching),
      orgId: await orgOf(client, flags.orgId),
      bundle: flags.bundle !== false,
      clientLeaseSeconds: flags.wait ? clientLeaseSeconds : undefined,
      idempotencyKey: flags.idempotencyKey,
      progress,
      signal,
    });
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted;
    if (flags.fallback !== 'local' || !(error instanceof UnreachableError)) throw error;
    progress.end();
    cli.note(`${plainLine(error.message)}; running here instead.`);
    const { runLocally } = await import('./run.ts');
    return runLocally(cli, submission, { ...flags, devices: 2 }, signal);
  }
  if (!flags.wait) {
    progress.end();
    cli.print({ json: run, id: run.id, text: () => renderSubmitted(run) });
    return exitCodes.passed;
  }
  if (cli.output === 'id') cli.print({ json: run, id: run.id, text: () => '' });
  progress.say(`${submitted(run)}  ${plainLine(run.url)}`);
  return followToEnd(cli, client, run, flags, progress, signal);
}

function submitted(run: Run): string {
  const jobs = `${run.jobs.length} ${run.jobs.length === 1 ? 'job' : 'jobs'}`;
  const verb = run.deduplicated ? 'The same is submitted and active already:' : 'Submitted';
  return `${verb} ${run.id}, ${jobs} for ${plainLine(run.app_version_id)} on ${run.target}`;
}

const mostJobs = 20;

function renderSubmitted(run: Run): string {
  const jobs = run.jobs.slice(0, mostJobs).map((job) => `  ${job.id}  ${plainLine(job.test_path)}`);
  const more = run.jobs.length > mostJobs ? [`  and ${run.jobs.length - mostJobs} more`] : [];
  const [first] = run.jobs;
  return [
    submitted(run),
    ...jobs,
    ...more,
    plainLine(run.url),
    '',
    'Next:',
    ...(first ? [`  qgjob status --job-id=${first.id}`, `  qgjob logs -f --job-id=${first.id}`] : []),
    `  qgjob wait --run-id=${run.id}`,
  ].join('\n');
}
