import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { DeviceSettings } from '../../agent/settings.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { InvalidValue } from '../../client/invalid-value.ts';
import { parseKeyValues, single } from '../../client/key-values.ts';
import { plainLine } from '../../client/plain-text.ts';
import { UserError } from '../../client/user-error.ts';
import type { DeviceSpec } from '../../contract/agent.ts';
import { Platform, Target } from '../../contract/words.ts';
import { asAgent, readAgentConfig } from '../agent-config.ts';
import type { Bind, Cli, GlobalFlags } from '../cli.ts';
import { flagValue } from '../flag-value.ts';
import { required } from '../required.ts';
import { defaultWorkDir } from '../work-dir.ts';

interface AgentFlags {
  config?: string;
  device?: DeviceSpec[];
  name?: string;
  label?: string[];
  workDir?: string;
  projectDir?: string;
  chromium?: string;
}

export function define(command: Command, bind: Bind): void {
  command
    .description('Starts an agent: it takes jobs for the devices beside it, installs apps on them and runs the tests.')
    .option(
      '--device <device>',
      'id=,target=,platform=,model=,os=,label=; repeats',
      (text: string, list: DeviceSpec[] = []) => [...list, flagValue(parseDevice)(text)],
    )
    .option('--config <file>', 'a YAML file that says all of this and more, see docs/agents.md; flags win')
    .option('--name <name>', "what lists call it (default: this machine's name)")
    .option('--label <label>', 'repeats', (text: string, list: string[] = []) => [...list, text])
    .option('--work-dir <dir>', `caches and workspaces; one agent at a time (default: ${defaultWorkDir})`)
    .option('--project-dir <dir>', 'where jobs run that bring no project (default: here)')
    .option('--chromium <file>', 'the browser to use, whatever the projects bring')
    .addHelpText(
      'after',
      `
Examples:
  qgjob agent --device id=web-1,target=emulator,platform=web,model="Pixel 7"
  qgjob agent --config qgjob.agent.yaml
  qgjob agent --name lab-2 --device id=a,target=emulator,platform=web --device id=b,target=emulator,platform=web,label=slow

The key needs the role agent: qgjob keys create --role agent --name lab-2
Ctrl-C or SIGTERM lets it finish what it runs; a second one stops it at once and gives the jobs back.`,
    )
    .action(bind(agent));
}

async function agent(cli: Cli, command: Command): Promise<number> {
  const flags = command.opts<AgentFlags>();
  const file = flags.config === undefined ? null : await readAgentConfig(cli, flags.config);
  const example = '--device id=web-1,target=emulator,platform=web';
  const devices: DeviceSettings[] = required(flags.device ?? file?.devices, '--device', example);
  const { serverUrl, apiKey } = asAgent(cli, command.optsWithGlobals<GlobalFlags>(), file).settings;
  if (!apiKey) {
    throw new UserError(`No key for ${serverUrl}.`, exitCodes.notAuthorised, [
      "Use --api-key, QGJOB_API_KEY or 'qgjob login' with a key of role agent.",
    ]);
  }
  const { startAgent } = await import('../../agent/main.ts');
  const inCwd = (path: string | undefined) => (path === undefined ? undefined : resolve(cli.io.cwd, path));
  const running = await startAgent({
    ...file,
    serverUrl,
    apiKey,
    name: flags.name ?? file?.name ?? hostname(),
    labels: flags.label ?? file?.labels,
    devices,
    workDir: inCwd(flags.workDir) ?? file?.workDir ?? resolve(cli.io.cwd, defaultWorkDir),
    projectDir: inCwd(flags.projectDir) ?? file?.projectDir ?? cli.io.cwd,
    chromium: flags.chromium ?? file?.chromium,
    log: ({ level, message, ...details }) => {
      const shown = Object.entries(details).map(([name, value]) => `${name}=${plainLine(String(value))}`);
      cli.io.stderr.write(`${[level.padEnd(5), plainLine(message), ...shown].join(' ')}\n`);
    },
  });
  const leaving = Promise.withResolvers<void>();
  const leave = (how: () => Promise<void>) => void how().then(leaving.resolve, leaving.reject);
  cli.interrupts.claim({
    first: () => {
      cli.note('Finishing what runs; once more to stop at once.');
      leave(() => running.drain());
    },
    second: () => leave(() => running.stop()),
  });
  const beside = `${devices.length} ${devices.length === 1 ? 'device' : 'devices'}`;
  cli.print({
    json: { agent_id: running.agentId, server: serverUrl },
    id: running.agentId,
    text: () => `Agent ${running.agentId} serves ${serverUrl} with ${beside}.`,
  });
  await Promise.race([running.finished, leaving.promise]);
  return exitCodes.passed;
}

function parseDevice(text: string): DeviceSpec {
  const values = parseKeyValues(text, ['id', 'target', 'platform', 'model', 'os', 'label']);
  const [id, target, platform] = ['id', 'target', 'platform'].map((key) => single(values, key));
  const [model, os, labels] = [single(values, 'model'), single(values, 'os'), values.get('label')];
  const known = { target: Target.safeParse(target), platform: Platform.safeParse(platform) };
  if (!id) throw new InvalidValue("'id' is missing.");
  if (!known.target.success) throw new InvalidValue(`'target' is one of ${Target.options.join(', ')}.`);
  if (!known.platform.success) throw new InvalidValue(`'platform' is one of ${Platform.options.join(', ')}.`);
  return {
    id,
    target: known.target.data,
    platform: known.platform.data,
    ...(model ? { model } : {}),
    ...(os ? { os_version: os } : {}),
    ...(labels ? { labels } : {}),
  };
}
