import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { parseDuration } from '../../client/duration.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { UserError } from '../../client/user-error.ts';
import type { Bind, Cli } from '../cli.ts';
import { collectTrace } from '../collect-trace.ts';
import { connect } from '../connect.ts';
import { flagValue } from '../flag-value.ts';

interface ExportFlags {
  since: number;
  orgId?: string;
  trace?: string;
}

const defaultSince = 7 * 86_400;

export function define(command: Command, bind: Bind): void {
  command
    .description("Writes what ran, when and for how long as a trace, which 'qgjob simulate' plays.")
    .addOption(
      new Option('--since <duration>', 'jobs submitted so long ago or later')
        .argParser(flagValue(parseDuration))
        .default(defaultSince, '7d'),
    )
    .option('--org-id <id>', "only of this organisation (default: the key's own; the operator's key: all)")
    .option('--trace <file>', 'write it to this file (default: the standard output)')
    .addHelpText(
      'after',
      `
Examples:
  qgjob export-trace --since 7d --trace week.json
  qgjob simulate --trace week.json

Take a device out of the file, or add one, to see what another fleet would have done.`,
    )
    .action(bind(exportTrace));
}

async function exportTrace(cli: Cli, command: Command): Promise<void> {
  const { since, orgId, trace: file } = command.opts<ExportFlags>();
  const query = { since: new Date(Date.now() - since * 1000).toISOString(), ...(orgId ? { org_id: orgId } : {}) };
  const trace = await collectTrace(connect(cli), query);
  const json = JSON.stringify(trace, null, 1);
  const versions = Object.keys(Object.groupBy(trace.jobs, (job) => job.app_version_id)).length;
  cli.io.stderr.write(`jobs: ${trace.jobs.length}, app versions: ${versions}, devices: ${trace.devices.length}\n`);
  if (file === undefined) return cli.print({ json: trace, id: trace.jobs.map(({ id }) => id), text: () => json });
  const path = resolve(cli.io.cwd, file);
  await writeFile(path, `${json}\n`).catch((error: Error) => {
    throw new UserError(`${path} cannot be written: ${error.message}`, exitCodes.usage);
  });
  cli.print({ json: { trace: path }, id: path, text: () => `Wrote ${path}` });
}
