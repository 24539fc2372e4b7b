import { type Command, InvalidArgumentError } from 'commander';
import { plainLine } from '../../client/plain-text.ts';
import type { Client } from '../../contract/client.ts';
import type { Job } from '../../contract/job.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { followLog, readLog } from '../job-log.ts';
import { subjectOf, withSubject } from '../subject.ts';

interface LogFlags {
  follow?: boolean;
  attempt?: number;
}

export function define(command: Command, bind: Bind): void {
  withSubject(command)
    .description("Prints a job's log, that of its last attempt; of a run, that of each of its jobs.")
    .option('-f, --follow', 'go on printing until the job has completed')
    .option('--attempt <n>', 'the log of this attempt', parseAttempt)
    .addHelpText(
      'after',
      `
Examples:
  qgjob logs --job-id=abc456
  qgjob logs -f --job-id=abc456
  qgjob logs --run-id=run_4f1c > run.log

Escape sequences in a log are removed.`,
    )
    .action(bind(logs));
}

async function logs(cli: Cli, command: Command): Promise<void> {
  const flags = command.opts<LogFlags>();
  const { kind, id } = subjectOf(command);
  const client = connect(cli);
  if (kind === 'job') return printLog(cli, client, id, flags);
  const { body: run } = await client.getRun({ params: { id } });
  for (const job of run.jobs) {
    if (run.jobs.length > 1) cli.note(`==> ${plainLine(job.test_path)} (${job.id})`);
    await printLog(cli, client, job.id, flags);
  }
}

async function printLog(cli: Cli, client: Client, id: string, { follow, attempt }: LogFlags): Promise<void> {
  const print = (text: string) => void cli.io.stdout.write(text);
  if (!follow) return readLog(client, id, { attempt, print });
  const onAttempt = (job: Job, number: number) => cli.note(`--- attempt ${number} of ${plainLine(job.test_path)}`);
  return followLog(client, id, { attempt, print, onAttempt });
}

function parseAttempt(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Attempts count from 1.');
  return Number(text);
}
