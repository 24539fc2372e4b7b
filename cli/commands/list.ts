import { type Command, InvalidArgumentError, Option } from 'commander';
import { describeCounts } from '../../client/describe.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { UserError } from '../../client/user-error.ts';
import { Conclusion, JobStatus, Target } from '../../contract/words.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { standing } from '../render/run.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

interface ListFlags {
  jobs?: boolean;
  orgId?: string;
  status?: JobStatus;
  conclusion?: Conclusion;
  appVersionId?: string;
  target?: Target;
  limit: number;
}

export function define(command: Command, bind: Bind): void {
  command
    .description('Lists runs, newest first; with --jobs their jobs.')
    .option('--jobs', 'list jobs')
    .option('--org-id <id>', "only of this organisation (default: the key's own)")
    .addOption(new Option('--status <status>', 'only these').choices(JobStatus.options))
    .addOption(new Option('--conclusion <conclusion>', 'only these').choices(Conclusion.options))
    .option('--app-version-id <id>', 'only for this app version')
    .addOption(new Option('--target <target>', 'only for this target').choices(Target.options))
    .option('--limit <n>', 'at most so many, up to 200', parseLimit, 20)
    .addHelpText(
      'after',
      `
Examples:
  qgjob list
  qgjob list --jobs --conclusion failed
  qgjob list --status running --output id`,
    )
    .action(bind(list));
}

async function list(cli: Cli, command: Command): Promise<void> {
  const flags = command.opts<ListFlags>();
  const client = connect(cli);
  const query = {
    limit: flags.limit,
    org_id: flags.orgId,
    conclusion: flags.conclusion,
    app_version_id: flags.appVersionId,
    target: flags.target,
  };
  const style = styleFor(cli.io.stdout, cli.io.env);
  if (flags.jobs) {
    const { body } = await client.listJobs({ query: { ...query, status: flags.status } });
    const rows = body.items.map((job) => [
      job.id,
      standing(job),
      job.test_path,
      job.app_version_id,
      job.target,
      job.created_at,
    ]);
    const header = ['job', 'status', 'test', 'app version', 'target', 'created'];
    cli.print({
      json: body,
      id: body.items.map((job) => job.id),
      text: () => renderTable(header, rows, { style, empty: 'No jobs.' }),
    });
    return;
  }
  const { status } = flags;
  if (status === 'assigned')
    throw new UserError('Runs are never assigned.', exitCodes.usage, ['With --jobs, jobs are.']);
  const { body } = await client.listRuns({ query: { ...query, status } });
  const rows = body.items.map((run) => [
    run.id,
    standing(run),
    `${run.job_counts.completed}/${run.job_counts.total}`,
    run.counts.total > 0 ? describeCounts(run.counts) : null,
    run.app_version_id,
    run.target,
    run.created_at,
  ]);
  const header = ['run', 'status', 'jobs', 'tests', 'app version', 'target', 'created'];
  cli.print({
    json: body,
    id: body.items.map((run) => run.id),
    text: () => renderTable(header, rows, { style, empty: 'No runs.' }),
  });
}

function parseLimit(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 200) throw new InvalidArgumentError('A number from 1 to 200.');
  return limit;
}
