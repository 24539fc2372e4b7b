import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { formatDuration } from '../../client/duration.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { UserError } from '../../client/user-error.ts';
import { type SimulationReport, Trace } from '../../contract/trace.ts';
import type { Bind, Cli } from '../cli.ts';

export function define(command: Command, bind: Bind): void {
  command
    .description("Plays a trace through the server's scheduler and tells installs and waits. Needs no server.")
    .requiredOption('--trace <file>', 'devices, jobs and install times as JSON: docs/scheduling.md')
    .addHelpText(
      'after',
      `
Example:
  qgjob simulate --trace week.json --output json`,
    )
    .action(bind(simulate));
}

async function simulate(cli: Cli, command: Command): Promise<void> {
  const { trace: file } = command.opts<{ trace: string }>();
  const trace = await readTrace(file);
  const { reportOf } = await import('../../server/simulate.ts');
  const report = reportOf(trace);
  cli.print({ json: report, id: String(report.installs), text: () => render(report, trace.jobs.length) });
}

async function readTrace(file: string): Promise<Trace> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UserError(`The trace ${file} cannot be read.`, exitCodes.usage);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError(`The trace ${file} is not JSON.`, exitCodes.usage);
  }
  const parsed = Trace.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(`The trace ${file} is not one: ${issue?.path.join('.')}: ${issue?.message}.`, exitCodes.usage);
}

function render({ installs, makespan_s, wait_s, bounds, schedule }: SimulationReport, jobs: number): string {
  const time = (seconds: number) => formatDuration(seconds * 1000);
  return [
    `${schedule.length} of ${jobs} jobs ran, ${installs} installs (at least ${bounds.installs} are needed)`,
    `done after ${time(makespan_s)} (no schedule is done before ${time(bounds.makespan_s)})`,
    `waited ${time(wait_s.mean)} on average, half up to ${time(wait_s.p50)}, 95 % up to ${time(wait_s.p95)}, longest ${time(wait_s.max)}`,
  ].join('\n');
}
