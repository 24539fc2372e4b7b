import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatBytes } from '../../client/bytes.ts';
import { formatDuration } from '../../client/duration.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { InvalidValue } from '../../client/invalid-value.ts';
import { plainLine } from '../../client/plain-text.ts';
import { UserError } from '../../client/user-error.ts';
import { type SimulationReport, Trace, traceLimits } from '../../contract/trace.ts';
import type { PolicyChoice } from '../../server/simulate.ts';
import type { Bind, Cli } from '../cli.ts';
import { flagValue } from '../flag-value.ts';

const shownComplaints = 20;
const maxBytes = 100 * 1024 ** 2;

export function define(command: Command, bind: Bind): void {
  command
    .description("Plays a trace through the server's scheduler and tells installs and waits. Needs no server.")
    .requiredOption('--trace <file>', 'devices, jobs and install times as JSON: docs/scheduling.md')
    .option('--install-price <n>', "as a server's QGJOB_INSTALL_PRICE (default: 16)", flagValue(parseCount))
    .option('--overdue-minutes <n>', "as a server's QGJOB_OVERDUE_MINUTES (default: 60)", flagValue(parseCount))
    .addHelpText(
      'after',
      `
Examples:
  qgjob simulate --trace week.json --output json
  qgjob simulate --trace week.json --install-price 4        # what if installs counted less?

'qgjob export-trace' writes what really ran as a trace.`,
    )
    .action(bind(simulate));
}

async function simulate(cli: Cli, command: Command): Promise<void> {
  const { trace: file, ...choice } = command.opts<{ trace: string } & PolicyChoice>();
  const trace = await readTrace(cli, file);
  const { policyLimits, policyOf, reportOf } = await import('../../server/simulate.ts');
  for (const [name, { min, max }] of Object.entries(policyLimits)) {
    const value = choice[name as keyof PolicyChoice];
    if (value !== undefined && (value < min || value > max))
      throw new UserError(`--${kebab(name)} is ${value}. Allowed: ${min} to ${max}.`, exitCodes.usage);
  }
  const report = reportOf(trace, policyOf(choice));
  cli.print({ json: report, id: String(report.installs), text: () => render(report, trace.jobs.length) });
}

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidValue('Give a whole number.');
}

/** @throws UserError with every complaint about the file and where in it that is */
async function readTrace(cli: Cli, file: string): Promise<Trace> {
  const path = resolve(cli.io.cwd, file);
  const unreadable = () => {
    throw new UserError(`The trace ${file} cannot be read.`, exitCodes.usage);
  };
  const { size } = await stat(path).catch(unreadable);
  if (size > maxBytes) {
    const advice = `At most ${traceLimits.jobs} jobs and ${traceLimits.devices} devices can be played: export a shorter time.`;
    throw new UserError(`The trace ${file} is larger than ${formatBytes(maxBytes)}.`, exitCodes.usage, [advice]);
  }
  const text = await readFile(path, 'utf8').catch(unreadable);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError(`The trace ${file} is not JSON.`, exitCodes.usage);
  }
  const parsed = Trace.safeParse(json);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map(
    ({ path, message }) => `  ${plainLine(path.join('.') || 'the file')}: ${plainLine(message)}`,
  );
  const more = complaints.length - shownComplaints;
  throw new UserError(`The trace ${file} is not one.`, exitCodes.usage, [
    ...complaints.slice(0, shownComplaints),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]);
}

function render({ installs, makespan_s, wait_s, bounds, schedule }: SimulationReport, jobs: number): string {
  const time = (seconds: number) => formatDuration(seconds * 1000);
  return [
    `${schedule.length} of ${jobs} jobs ran, ${installs} installs (at least ${bounds.installs} are needed)`,
    `done after ${time(makespan_s)} (no schedule is done before ${time(bounds.makespan_s)})`,
    `waited ${time(wait_s.mean)} on average, half up to ${time(wait_s.p50)}, 95 % up to ${time(wait_s.p95)}, longest ${time(wait_s.max)}`,
  ].join('\n');
}
