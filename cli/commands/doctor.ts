import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { FileSettings } from '../../agent/config/config-file.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import { ProblemError } from '../../contract/client.ts';
import { asAgent, readAgentConfig } from '../agent-config.ts';
import type { Bind, Cli, GlobalFlags } from '../cli.ts';
import { connect } from '../connect.ts';
import { findingChecks } from '../github-checks.ts';
import { type Check, renderCheck } from '../render/check.ts';
import { styleFor } from '../render/style.ts';
import { defaultWorkDir } from '../work-dir.ts';

export function define(command: Command, bind: Bind): void {
  command
    .description('Checks the server, your key and this machine, and says what to do about what is missing.')
    .option('--work-dir <dir>', `the folder an agent would work in (default: ${defaultWorkDir})`)
    .option('--config <file>', "an agent's configuration file, to be checked with what it asks of this machine")
    .addHelpText(
      'after',
      `
Example:
  qgjob doctor --server https://qgjob.example.com

Programs, browser and disk are what an agent on this machine would need; to submit, server and key are enough.`,
    )
    .action(bind(doctor));
}

async function doctor(asUser: Cli, command: Command): Promise<number> {
  const { examineMachine } = await import('../../agent/doctor/machine.ts');
  const flags = command.optsWithGlobals<GlobalFlags & { workDir?: string; config?: string }>();
  const file = flags.config === undefined ? null : await readAgentConfig(asUser, flags.config);
  const cli = asAgent(asUser, flags, file);
  const workDir = resolve(cli.io.cwd, flags.workDir ?? file?.workDir ?? defaultWorkDir);
  const server = await checkServer(cli);
  const android = await examineAndroidHost(cli, file);
  const cloud = await examineCloud(file);
  const machine: Check[] = [...(await examineMachine({ workDir, chromium: file?.chromium })), ...android, ...cloud];
  const key = server.ok ? [await checkKey(cli)] : [];
  const github = key.some(({ ok }) => ok) ? await checkGithub(cli) : [];
  const checks = [server, ...key, ...github, ...machine];
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({
    json: { checks: checks.map(({ name, ok, detail, advice }) => ({ name, ok, detail, advice: advice ?? null })) },
    id: checks.filter((check) => !check.ok).map((check) => check.name),
    text: () => checks.map((check) => renderCheck(check, style)).join('\n'),
  });
  const bad = checks.find((check) => !check.ok);
  return bad ? (bad.exitCode ?? exitCodes.usage) : exitCodes.passed;
}

/** Where the configuration or the environment tells of Android; nothing elsewhere. */
async function examineAndroidHost(cli: Cli, file: FileSettings | null): Promise<Check[]> {
  const { examineAndroid, seemsAndroidHost } = await import('../../agent/doctor/android.ts');
  const listed = file?.devices.some(({ platform }) => platform === 'android');
  if (file ? !file.android && !listed : !seemsAndroidHost(cli.io.env)) return [];
  const projectDir = file?.projectDir ?? cli.io.cwd;
  return examineAndroid({ android: file?.android ?? {}, projectDir, environment: cli.io.env });
}

/** The account that a configuration names. */
async function examineCloud(file: FileSettings | null): Promise<Check[]> {
  if (!file?.browserstack) return [];
  const { examineBrowserstack } = await import('../../agent/doctor/browserstack.ts');
  return [await examineBrowserstack(file.browserstack)];
}

async function checkServer(cli: Cli): Promise<Check> {
  const { serverUrl } = cli.settings;
  try {
    const { body, headers } = await connect(cli).livez({}, { timeoutMs: 5000, retries: 0 });
    const skewMs = Math.abs(Date.parse(headers.get('date') ?? '') - Date.now());
    const skew = skewMs > 60_000 ? `, its clock differs by ${Math.round(skewMs / 1000)} s` : '';
    return { name: 'server', ok: true, detail: `${serverUrl} answers, version ${plainLine(body.version)}${skew}` };
  } catch (error) {
    return {
      name: 'server',
      ok: false,
      detail: plainLine((error as Error).message),
      advice: "'qgjob serve' starts one here; --server or QGJOB_SERVER_URL names another.",
      exitCode: exitCodes.unreachable,
    };
  }
}

async function checkKey(cli: Cli): Promise<Check> {
  const from = {
    flag: 'from --api-key',
    file: 'named by the configuration file',
    environment: 'from QGJOB_API_KEY',
    login: 'stored by login',
    nowhere: 'none',
  };
  const origin = from[cli.settings.apiKeyFrom];
  try {
    const { body } = await connect(cli).whoAmI();
    const whose = body.org_id === null ? 'every organisation' : body.org_id;
    return { name: 'key', ok: true, detail: `${origin}: ${plainLine(body.name)}, role ${body.role}, ${whose}` };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return {
      name: 'key',
      ok: false,
      detail: `${origin}: ${plainLine(error.message)}`,
      advice: "'qgjob login' stores a key; 'qgjob keys create' makes one.",
      exitCode: exitCodes.notAuthorised,
    };
  }
}

/** What the server's GitHub Apps want; nothing for whom it is not to see. A server without any is told, and well. */
async function checkGithub(cli: Cli): Promise<Check[]> {
  try {
    const { body } = await connect(cli).describeGithub();
    if (body.apps.length > 0) return findingChecks(body.findings);
    return [{ name: 'github app', ok: true, detail: `none; ${cli.settings.serverUrl}/github/setup registers one` }];
  } catch (error) {
    if (error instanceof ProblemError && (error.code === 'forbidden' || error.code === 'not_found')) return [];
    throw error;
  }
}
