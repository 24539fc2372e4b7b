import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import { ProblemError } from '../../contract/client.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { type Style, styleFor } from '../render/style.ts';
import { defaultWorkDir } from '../work-dir.ts';

/** One thing looked at; `advice` says what to do where it is not well. */
interface Check {
  name: string;
  ok: boolean;
  detail: string;
  advice?: string;
  /** What the command exits with where it is not well. */
  exitCode?: number;
}

export function define(command: Command, bind: Bind): void {
  command
    .description('Checks the server, your key and this machine, and says what to do about what is missing.')
    .option('--work-dir <dir>', 'the folder an agent would work in', defaultWorkDir)
    .addHelpText(
      'after',
      `
Example:
  qgjob doctor --server https://qgjob.example.com

Programs, browser and disk are what an agent on this machine would need; to submit, server and key are enough.`,
    )
    .action(bind(doctor));
}

async function doctor(cli: Cli, command: Command): Promise<number> {
  const { examineMachine } = await import('../../agent/doctor.ts');
  const workDir = resolve(cli.io.cwd, command.opts<{ workDir: string }>().workDir);
  const server = await checkServer(cli);
  const machine: Check[] = await examineMachine({ workDir });
  const checks = [server, ...(server.ok ? [await checkKey(cli)] : []), ...machine];
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({
    json: { checks: checks.map(({ name, ok, detail, advice }) => ({ name, ok, detail, advice: advice ?? null })) },
    id: checks.filter((check) => !check.ok).map((check) => check.name),
    text: () => checks.map((check) => renderCheck(check, style)).join('\n'),
  });
  const bad = checks.find((check) => !check.ok);
  return bad ? (bad.exitCode ?? exitCodes.usage) : exitCodes.passed;
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
  const from = { flag: 'from --api-key', environment: 'from QGJOB_API_KEY', login: 'stored by login', nowhere: 'none' };
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

function renderCheck({ name, ok, detail, advice }: Check, style: Style): string {
  const line = `${ok ? style('green', '✓') : style('red', '✗')} ${name}: ${detail}`;
  return advice ? `${line}\n  ${advice}` : line;
}
