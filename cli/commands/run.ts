import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import { send } from '../../client/send.ts';
import type { Submission } from '../../client/submission.ts';
import { UserError } from '../../client/user-error.ts';
import type { DeviceSpec } from '../../contract/agent.ts';
import { type Client, ProblemError } from '../../contract/client.ts';
import type { Bind, Cli } from '../cli.ts';
import { type OutcomeFlags, withOutcome } from '../completed-run.ts';
import { connect } from '../connect.ts';
import { followToEnd } from '../follow-to-end.ts';
import { createProgress, type Progress } from '../render/progress.ts';
import { readSubmission, type SubmissionFlags, withSubmission } from '../submission.ts';

interface LocalFlags extends OutcomeFlags {
  orgId?: string;
  devices: number;
  database?: string;
}

export function define(command: Command, bind: Bind): void {
  withSubmission(command)
    .description('Runs spec files here: a server and an agent live in this process for as long as it takes.')
    .optionsGroup('Here:')
    .option('--devices <n>', 'browsers that take part, side by side', parseDevices, 2)
    .option('--database <file>', 'keep the results in this database, for qgjob serve --database');
  withOutcome(command)
    .addHelpText(
      'after',
      `
Examples:
  qgjob run --test 'tests/*.spec.ts'
  qgjob run --app shop-1.1.tgz --test tests --devices 4 --junit results.xml`,
    )
    .action(bind(run));
}

async function run(cli: Cli, command: Command): Promise<number> {
  const flags = command.opts<SubmissionFlags & LocalFlags>();
  const named = flags.app || flags.appVersionId ? flags : { ...flags, appVersionId: 'local' };
  const submission = await readSubmission(cli, named);
  const abort = new AbortController();
  cli.interrupts.claim({ first: () => abort.abort() });
  return runLocally(cli, submission, flags, abort.signal);
}

/** Runs a submission on browsers of this machine, with a server and an agent that end with it. */
export async function runLocally(
  cli: Cli,
  submission: Submission,
  flags: LocalFlags,
  signal: AbortSignal,
): Promise<number> {
  requireBrowserCanRun(submission);
  const temporary = await mkdtemp(join(tmpdir(), 'qgjob-run-'));
  const progress = createProgress(cli.progress, cli.io.env);
  const ends: (() => Promise<unknown>)[] = [() => rm(temporary, { recursive: true, force: true })];
  try {
    const server = await startServerHere(cli, flags, temporary);
    ends.unshift(() => server.stop());
    const agent = await startAgentHere(submission, server, flags.devices, temporary, progress);
    ends.unshift(() => agent.stop());
    const here: Cli = { ...cli, settings: { serverUrl: server.url, apiKey: server.apiKey, apiKeyFrom: 'flag' } };
    const lost = Promise.race([
      agent.finished.then(() => 'the agent in this process has ended'),
      server.failed.then((error) => error.message),
    ]).then((why) => {
      throw new UserError(`The run cannot go on: ${why}.`, exitCodes.infrastructure);
    });
    return await Promise.race([submitHere(here, submission, flags, progress, signal), lost]);
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted;
    throw error;
  } finally {
    progress.end();
    for (const end of ends) await end();
  }
}

async function submitHere(
  cli: Cli,
  submission: Submission,
  flags: LocalFlags,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const client = connect(cli);
  const orgId = flags.orgId ?? 'local';
  await ensureOrg(client, orgId);
  // the agent is at home in the project: nothing needs to be packed, and its dependencies are there
  const run = await send(submission, {
    connect: (fetching) => connect(cli, fetching),
    orgId,
    bundle: false,
    progress,
    signal,
  });
  if (cli.output === 'id') cli.print({ json: run, id: run.id, text: () => '' });
  return followToEnd(cli, client, run, flags, progress, signal);
}

async function ensureOrg(client: Client, id: string): Promise<void> {
  try {
    await client.createOrg({ body: { id, name: id } });
  } catch (error) {
    if (!(error instanceof ProblemError && error.code === 'org_exists')) throw error;
  }
}

async function startServerHere(cli: Cli, { database }: LocalFlags, temporary: string) {
  const { readSettings } = await import('../../server/config.ts');
  const { startServer } = await import('../../server/main.ts');
  const apiKey = randomBytes(32).toString('base64url');
  const file = database === undefined ? join(temporary, 'qgjob.db') : resolve(cli.io.cwd, database);
  // the environment configures a server that stays; this one is for itself
  const settings = readSettings(
    { QGJOB_BOOTSTRAP_KEY: apiKey },
    { host: '127.0.0.1', port: '0', database: file, blobs: join(dirname(file), 'blobs'), logLevel: 'silent' },
  );
  return { ...(await startServer(settings)), apiKey };
}

async function startAgentHere(
  submission: Submission,
  server: { url: string; apiKey: string },
  devices: number,
  temporary: string,
  progress: Progress,
) {
  const { startAgent } = await import('../../agent/main.ts');
  return startAgent({
    serverUrl: server.url,
    apiKey: server.apiKey,
    name: 'here',
    devices: devicesFor(submission, devices),
    workDir: join(temporary, 'agent'),
    projectDir: submission.project.folder,
    log: ({ level, message }) => {
      if (level !== 'info') progress.say(`${level}: ${plainLine(message)}`);
    },
  });
}

/** Browsers that fit what the submission asks for, by turns where it names alternatives. */
function devicesFor({ body }: Submission, amount: number): DeviceSpec[] {
  return Array.from({ length: amount }, (_, i) => {
    const { labels, model = 'Pixel 7', os_version } = body.devices?.[i % body.devices.length] ?? {};
    return {
      id: `web-${i + 1}`,
      target: body.target,
      platform: 'web' as const,
      model,
      ...(os_version ? { os_version } : {}),
      ...(labels ? { labels } : {}),
    };
  });
}

function requireBrowserCanRun({ app, body }: Submission): void {
  const platform = app?.platform ?? body.devices?.find((device) => device.platform)?.platform ?? 'web';
  const problem =
    body.target === 'browserstack'
      ? 'BrowserStack devices cannot be had here.'
      : platform === 'web'
        ? null
        : `Only web apps run here, and this is for ${platform}.`;
  if (problem) {
    throw new UserError(problem, exitCodes.usage, [
      "Start a server with 'qgjob serve', an agent beside the devices, and submit.",
    ]);
  }
}

function parseDevices(text: string): number {
  if (!/^([1-9]|[1-5]\d|6[0-4])$/.test(text)) throw new InvalidArgumentError('A number from 1 to 64.');
  return Number(text);
}
