import { Command, CommanderError, Option } from 'commander';
import { exitCodes } from '../client/exit-codes.ts';
import { plainJson } from '../client/plain-text.ts';
import { UserError } from '../client/user-error.ts';
import { type Bind, type Cli, type GlobalFlags, outputs } from './cli.ts';
import { type CommandModule, commandGroups } from './commands.ts';
import { type Interrupts, watchInterrupts } from './interrupt.ts';
import type { Io } from './io.ts';
import { readSettings } from './settings.ts';

/**
 * The whole command line: parses `argv` (without the program's name), does what it says and resolves with the exit code. Never
 * throws, and never ends the process.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const interrupts = watchInterrupts(io);
  let exitCode: number = exitCodes.passed;
  const bind: Bind = (action) =>
    async function (this: Command) {
      const code = await action(createCli(io, this.optsWithGlobals<GlobalFlags>(), interrupts), this);
      if (typeof code === 'number') exitCode = code;
    };
  const program = createProgram(io, bind);
  const done = program.parseAsync(helpLast(argv), { from: 'user' }).then(
    () => exitCode,
    (error: unknown) => report(error, program, io),
  );
  return Promise.race([done, interrupts.atOnce.then(() => exitCodes.interrupted)]);
}

function createProgram(io: Io, bind: Bind): Command {
  const program = new Command('qgjob')
    .description(
      'Queues end-to-end tests of mobile apps, groups them by app version, and runs them where the devices are.',
    )
    .version(io.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .optionsGroup('Everywhere:')
    .option('--server <url>', 'the server (QGJOB_SERVER_URL; default http://127.0.0.1:8080)')
    .option('--api-key <key>', 'the key to use (QGJOB_API_KEY; else the one stored by login)')
    .addOption(new Option('--output <form>', 'what stdout holds').choices(outputs).default('text'))
    .option('--debug', 'show the whole of an unexpected error')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 120,
      getErrHelpWidth: () => io.stderr.columns ?? 120,
    })
    .exitOverride()
    .helpCommand(false)
    .addHelpText('after', overview);
  const modules = new Map<string, () => Promise<CommandModule>>();
  for (const { heading, commands } of commandGroups) {
    program.commandsGroup(heading);
    for (const { name, summary, load } of commands) {
      program.command(name).summary(summary).helpOption('-h, --help', 'show help');
      modules.set(name, load);
    }
  }
  program.hook('preSubcommand', async (_, command) => {
    const module = await modules.get(command.name())?.();
    module?.define(command, bind);
    command.showHelpAfterError(`See 'qgjob ${command.name()} --help'.`);
  });
  return program;
}

/** `qgjob help submit` is `qgjob submit --help`, which loads the command it explains. */
function helpLast(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}

const overview = `
A first run, without a server:   qgjob run --test 'tests/*.spec.ts'
With one:                        qgjob serve
                                 qgjob agent --device id=web-1,target=emulator,platform=web,model="Pixel 7"
                                 qgjob submit --org-id=qualgent --app-version-id=xyz123 --test=tests/onboarding.spec.js
                                 qgjob status --job-id=abc456

Exit codes: 0 passed, 1 a test failed, 2 usage or configuration, 3 no tests, 4 not authorised, 5 server unreachable,
18 no compatible device, 19 cancelled, 20 infrastructure, 124 timed out, 130 interrupted.`;

function createCli(io: Io, flags: GlobalFlags, interrupts: Interrupts): Cli {
  return {
    io,
    output: flags.output,
    settings: readSettings(flags, io.env),
    interrupts,
    progress: flags.output === 'text' ? io.stdout : io.stderr,
    print({ json, id, text }) {
      const shown = { json: () => plainJson(json), id: () => [id].flat().join('\n'), text }[flags.output]();
      if (shown !== '') io.stdout.write(`${shown}\n`);
    },
    note: (text) => void io.stderr.write(`${text}\n`),
  };
}

async function report(error: unknown, program: Command, io: Io): Promise<number> {
  // commander has printed the help, the version, or what is wrong with a flag
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.passed : exitCodes.usage;
  const { debug, ...flags } = program.opts<GlobalFlags>();
  if (debug && !(error instanceof UserError)) io.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  const { explainFailure } = await import('./failure.ts');
  const { lines, exitCode } = explainFailure(error, serverOf(flags, io));
  const [first = '', ...rest] = lines;
  io.stderr.write(`${[`error: ${first}`, ...rest].join('\n')}\n`);
  return exitCode;
}

function serverOf(flags: { server?: string; apiKey?: string }, io: Io): string {
  try {
    return readSettings(flags, io.env).serverUrl;
  } catch {
    return 'the server';
  }
}
