import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../contract/client.ts';
import type { SubmitRun } from '../contract/run.ts';
import { type DeviceRequirement, Platform, Reset, Target } from '../contract/words.ts';
import { type LocalApp, readApp } from './app.ts';
import type { Cli } from './cli.ts';
import { CliError } from './cli-error.ts';
import { parseDuration } from './duration.ts';
import { exitCodes } from './exit-codes.ts';
import { parseKeyValues, single } from './key-values.ts';
import { expandTests, findProject, type Project } from './project.ts';
import { required } from './required.ts';

/** The flags that say what is to run; `submit`, `plan` and `run` share them. */
export interface SubmissionFlags {
  orgId?: string;
  appVersionId?: string;
  app?: string;
  platform?: Platform;
  test?: string[];
  target: Target;
  priority?: number;
  project?: string;
  device?: DeviceRequirement[];
  projectDir?: string;
  /** False for --no-bundle, else undefined. */
  bundle?: boolean;
  retries?: number;
  infraRetries?: number;
  timeout?: number;
  queueTimeout?: number;
  reset?: Reset;
}

/** What the flags say, once the files they name have been looked at. Nothing has been sent yet. */
export interface Submission {
  body: Omit<SubmitRun, 'org_id'>;
  project: Project;
  app: LocalApp | null;
}

const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, list: T[] = []) => [...list, parse(text)];

/** Declares the flags that say what is to run. */
export function withSubmission(command: Command): Command {
  return command
    .optionsGroup('What to run:')
    .option('--org-id <id>', "the organisation (default: the key's own)")
    .option('--app-version-id <id>', "the app version (default: from the app's bytes)")
    .option('--app <file>', 'the build to test: .apk .aab .ipa .app.zip .tgz; uploaded where unknown')
    .addOption(new Option('--platform <platform>', "the app's platform").choices(Platform.options))
    .option(
      '--test <path>',
      'a spec file, folder or quoted glob; repeats',
      collect((path) => path),
    )
    .option('--project <name>', 'the Playwright or AppWright project')
    .option('--project-dir <dir>', 'where the tests are (default: here)')
    .option('--no-bundle', "do not send the project: the agents' own workspace has it")
    .optionsGroup('Where and when:')
    .addOption(new Option('--target <target>', 'the kind of device').choices(Target.options).default('emulator'))
    .option('--device <needs>', 'platform=,model=,os=,label=; repeats as alternatives', collect(parseDevice))
    .option('--priority <priority>', '0 to 9, higher is sooner; or low, normal, high', parsePriority)
    .option('--retries <n>', 'further attempts after a failed test', parseRetries)
    .option('--infra-retries <n>', 'further attempts after an infrastructure failure', parseRetries)
    .option('--timeout <duration>', 'limit of one job: 90s, 15m, 1h', parseDuration)
    .option('--queue-timeout <duration>', 'limit of waiting for a device', parseDuration)
    .addOption(new Option('--reset <what>', "the app's state between jobs").choices(Reset.options));
}

/**
 * Reads the project and the app that the flags name.
 * @throws CliError for flags that cannot be, and with exit code 3 where a test matches nothing.
 */
export async function readSubmission(cli: Cli, flags: SubmissionFlags): Promise<Submission> {
  const { cwd } = cli.io;
  const patterns = required(flags.test, '--test', "--test 'tests/*.spec.ts'");
  if (!flags.app && !flags.appVersionId) {
    throw new CliError('Which app version?', exitCodes.usage, [
      'Give --app-version-id, or the build itself with --app.',
    ]);
  }
  const project = findProject(resolve(cwd, flags.projectDir ?? '.'));
  const tests = expandTests(project, patterns);
  if (project.config === null) {
    cli.note(
      `No Playwright or AppWright configuration in ${project.folder}: paths are submitted as they are, for the agents' own workspace. --project-dir names a project.`,
    );
  }
  const app = flags.app ? await readApp(flags.app, { cwd, id: flags.appVersionId, platform: flags.platform }) : null;
  const retries = defined({ test: flags.retries, infra: flags.infraRetries });
  return {
    project,
    app,
    body: {
      app_version_id: app?.id ?? flags.appVersionId ?? '',
      target: flags.target,
      tests,
      ...defined({
        priority: flags.priority,
        project: flags.project,
        devices: flags.device,
        retries: Object.keys(retries).length > 0 ? retries : undefined,
        timeout_seconds: flags.timeout,
        queue_timeout_seconds: flags.queueTimeout,
        reset: flags.reset,
      }),
    },
  };
}

/** The organisation named, else the one the key belongs to. @throws CliError for a key that belongs to none. */
export async function orgOf(client: Client, named: string | undefined): Promise<string> {
  if (named) return named;
  const { body } = await client.whoAmI();
  if (body.org_id !== null) return body.org_id;
  throw new CliError('Which organisation?', exitCodes.usage, [
    "This key belongs to none: give --org-id. 'qgjob orgs list' shows them, 'qgjob orgs create' makes one.",
  ]);
}

/** Leaves out what is undefined, so that a body holds only what was said. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const said = Object.entries(values).filter(([, value]) => value !== undefined);
  // safe because only the undefined ones are gone
  return Object.fromEntries(said) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

const priorityWords = new Map([
  ['low', 2],
  ['normal', 5],
  ['high', 8],
]);

function parsePriority(text: string): number {
  const priority = priorityWords.get(text) ?? (/^\d$/.test(text) ? Number(text) : undefined);
  if (priority === undefined) throw new InvalidArgumentError('A priority is 0 to 9, or low, normal, high.');
  return priority;
}

function parseRetries(text: string): number {
  if (!/^(\d|10)$/.test(text)) throw new InvalidArgumentError('A number from 0 to 10.');
  return Number(text);
}

function parseDevice(text: string): DeviceRequirement {
  const values = parseKeyValues(text, ['platform', 'model', 'os', 'label']);
  const platform = Platform.safeParse(single(values, 'platform') ?? 'web');
  if (!platform.success) throw new InvalidArgumentError(`'platform' is one of ${Platform.options.join(', ')}.`);
  return defined({
    platform: values.has('platform') ? platform.data : undefined,
    model: single(values, 'model'),
    os_version: single(values, 'os'),
    labels: values.get('label'),
  });
}
