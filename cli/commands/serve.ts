import type { Command } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { UserError } from '../../client/user-error.ts';
import type { Bind, Cli } from '../cli.ts';
import { storeKey } from '../credentials.ts';
import { normalServerUrl } from '../settings.ts';

export function define(command: Command, bind: Bind): void {
  command
    .description('Starts a server. It listens on loopback unless told, and keeps everything in one SQLite file.')
    .option('--port <port>', 'the port (PORT; default 8080; 0 for any free one)')
    .option('--host <host>', 'the address to listen on (HOST; default 127.0.0.1)')
    .option('--database <where>', 'a file or postgres://… (QGJOB_DATABASE_URL; default .qgjob/qgjob.db)')
    .option('--blobs <where>', 'where builds, bundles and attachments are kept (QGJOB_BLOB_URL)')
    .option('--public-url <url>', 'how others reach it (QGJOB_PUBLIC_URL)')
    .option('--log-level <level>', 'how much it logs (LOG_LEVEL)')
    .addHelpText(
      'after',
      `
Examples:
  qgjob serve
  qgjob serve --port 9000 --database /var/lib/qgjob/qgjob.db
  QGJOB_BOOTSTRAP_KEY=… qgjob serve --host 0.0.0.0 --public-url https://qgjob.example.com

On loopback a server without keys makes one, shows it once and stores it for the commands of this user.
Ctrl-C or SIGTERM ends it once the requests in flight are answered.`,
    )
    .action(bind(serve));
}

type ServeFlags = Partial<Record<'port' | 'host' | 'database' | 'blobs' | 'publicUrl' | 'logLevel', string>>;

async function serve(cli: Cli, command: Command): Promise<number> {
  const { promise: stopping, resolve: stop } = Promise.withResolvers<void>();
  cli.interrupts.claim({ first: stop });
  const server = await start(cli, command.opts<ServeFlags>());
  const { url, operatorKey } = server;
  const stored = operatorKey === null ? null : storeKey(cli.io.env, normalServerUrl(url), operatorKey);
  cli.print({
    json: { url, operator_key: operatorKey },
    id: url,
    text: () =>
      [
        `qgjob serves at ${url}`,
        ...(stored ? [`The operator's key, shown this once: ${operatorKey}`, `Stored for you in ${stored}`] : []),
      ].join('\n'),
  });
  const failure = await Promise.race([stopping, server.failed]);
  if (failure) throw new UserError(`The server cannot go on: ${failure.message}`, exitCodes.infrastructure);
  cli.note('Stopping: requests in flight are answered first.');
  await server.stop();
  return exitCodes.passed;
}

async function start(cli: Cli, flags: ServeFlags) {
  const { readSettings } = await import('../../server/config.ts');
  const { startServer } = await import('../../server/main.ts');
  try {
    return await startServer(readSettings(cli.io.env, flags));
  } catch (error) {
    throw new UserError((error as Error).message, exitCodes.usage);
  }
}
