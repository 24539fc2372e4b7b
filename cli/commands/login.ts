import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import { UserError } from '../../client/user-error.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { storeKey } from '../credentials.ts';
import type { Io } from '../io.ts';
import { defaultServerUrl } from '../settings.ts';

export function define(command: Command, bind: Bind): void {
  command
    .description('Checks an API key and stores it for this server, readable by you alone.')
    .addHelpText(
      'after',
      `
Examples:
  qgjob login --server https://qgjob.example.com       asks for the key
  echo "$KEY" | qgjob login --server https://qgjob.example.com`,
    )
    .action(bind(login));
}

async function login(cli: Cli): Promise<void> {
  const { serverUrl, apiKeyFrom } = cli.settings;
  const chosen = apiKeyFrom === 'flag' || apiKeyFrom === 'environment';
  const apiKey = (chosen ? cli.settings.apiKey : await askForKey(cli.io, serverUrl)) ?? '';
  if (apiKey === '')
    throw new UserError('No key was given.', exitCodes.usage, ['Type it, pipe it in, or use --api-key.']);
  const client = connect({ ...cli, settings: { ...cli.settings, apiKey } });
  const { body } = await client.whoAmI();
  const path = storeKey(cli.io.env, serverUrl, apiKey);
  const whose = body.org_id === null ? 'good for every organisation' : `of ${body.org_id}`;
  const hint =
    serverUrl === defaultServerUrl ? '' : `\nTo use this server without --server: export QGJOB_SERVER_URL=${serverUrl}`;
  cli.print({
    json: { server: serverUrl, ...body },
    id: body.org_id ?? '',
    text: () =>
      `Logged in to ${serverUrl} as ${plainLine(body.name)} (${body.role}, ${whose}).\nStored in ${path}${hint}`,
  });
}

/** Reads one line: hidden while it is typed in a terminal, as it comes from a pipe. */
async function askForKey(io: Io, serverUrl: string): Promise<string> {
  const terminal = io.stdin.isTTY === true;
  if (terminal) io.stderr.write(`API key for ${serverUrl}: `);
  const silent = new Writable({ write: (_, __, done) => done() });
  const lines = createInterface({ input: io.stdin, output: silent, terminal });
  // readline takes a terminal's Ctrl-C for itself
  lines.once('SIGINT', () => lines.close());
  try {
    for await (const line of lines) return line.trim();
    return '';
  } finally {
    lines.close();
    if (terminal) io.stderr.write('\n');
  }
}
