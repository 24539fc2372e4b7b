import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { exitCodeOf, type FailOn, failOnChoices } from '../client/exit-codes.ts';
import { writeJunit, writeReport } from '../client/result-files.ts';
import type { Client } from '../contract/client.ts';
import type { Run } from '../contract/run.ts';
import type { Cli } from './cli.ts';
import { renderOutcome } from './render/run.ts';
import { styleFor } from './render/style.ts';

/** The flags that say what to make of a completed run. */
export interface OutcomeFlags {
  failOn?: FailOn;
  junit?: string;
  report?: string;
}

export function withOutcome(command: Command): Command {
  return command
    .optionsGroup('When it has completed:')
    .addOption(
      new Option(
        '--fail-on <what>',
        'what fails the command: any outcome but passed (infra), tests alone, nothing',
      ).choices(failOnChoices),
    )
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--report <file>', 'write the results as JSON');
}

/** Shows a completed run, writes the files asked for, and says the exit code. */
export async function concludeRun(cli: Cli, client: Client, run: Run, flags: OutcomeFlags): Promise<number> {
  const params = { id: run.id };
  const { body: report } = await client.runReport({ params });
  if (flags.report) await toFile(cli, flags.report, (path) => writeReport(report, path));
  if (flags.junit) await toFile(cli, flags.junit, (path) => writeJunit(client, run.id, path));
  cli.progress.write(`${renderOutcome(report, styleFor(cli.progress, cli.io.env))}\n`);
  if (cli.output === 'json') cli.print({ json: run, id: run.id, text: () => '' });
  return exitCodeOf(run, run.jobs, flags.failOn);
}

async function toFile(cli: Cli, file: string, write: (path: string) => Promise<void>): Promise<void> {
  const path = resolve(cli.io.cwd, file);
  await write(path);
  cli.note(`Wrote ${path}`);
}
