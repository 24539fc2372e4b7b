import { type Command, Option } from 'commander';
import { parseDuration } from '../client/duration.ts';
import { composeSubmission, type Submission, type Wish } from '../client/submission.ts';
import { parseDevice, parsePriority, parseRetries } from '../client/submission-values.ts';
import { type DeviceRequirement, Platform, Reset, Target } from '../contract/words.ts';
import type { Cli } from './cli.ts';
import { flagValue } from './flag-value.ts';
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
    .option('--device <needs>', 'platform=,model=,os=,label=; repeats as alternatives', collect(flagValue(parseDevice)))
    .option('--priority <priority>', '0 to 9, higher is sooner; or low, normal, high', flagValue(parsePriority))
    .option('--retries <n>', 'further attempts after a failed test', flagValue(parseRetries))
    .option('--infra-retries <n>', 'further attempts after an infrastructure failure', flagValue(parseRetries))
    .option('--timeout <duration>', 'limit of one job: 90s, 15m, 1h', flagValue(parseDuration))
    .option('--queue-timeout <duration>', 'limit of waiting for a device', flagValue(parseDuration))
    .addOption(new Option('--reset <what>', "the app's state between jobs").choices(Reset.options));
}

/**
 * Reads the project and the app that the flags name.
 * @throws UserError for flags that cannot be, and with exit code 3 where a test matches nothing.
 */
export async function readSubmission(cli: Cli, flags: SubmissionFlags): Promise<Submission> {
  const { test, device, timeout, queueTimeout, ...rest } = flags;
  const tests = required(test, '--test', "--test 'tests/*.spec.ts'");
  const wish: Wish = { ...rest, tests, devices: device, timeoutSeconds: timeout, queueTimeoutSeconds: queueTimeout };
  const submission = await composeSubmission(wish, cli.io.cwd);
  if (submission.project.config === null) {
    cli.note(
      `No Playwright or AppWright configuration in ${submission.project.folder}: paths are submitted as they are, for the agents' own workspace. --project-dir names a project.`,
    );
  }
  return submission;
}
