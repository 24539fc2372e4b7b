import { resolve } from 'node:path';
import type { FileSettings } from '../agent/config/config-file.ts';
import { exitCodes } from '../client/exit-codes.ts';
import { UserError } from '../client/user-error.ts';
import type { Cli, GlobalFlags } from './cli.ts';
import { normalServerUrl } from './settings.ts';

/** The command as one of the agent that a file describes: its server and its key, where no flag names others. */
export function asAgent(cli: Cli, flags: Pick<GlobalFlags, 'server'>, file: FileSettings | null): Cli {
  const { settings } = cli;
  const ofFile =
    file?.apiKey && settings.apiKeyFrom !== 'flag' ? { apiKey: file.apiKey, apiKeyFrom: 'file' as const } : {};
  const serverUrl = file?.serverUrl && !flags.server ? normalServerUrl(file.serverUrl) : settings.serverUrl;
  return { ...cli, settings: { ...settings, ...ofFile, serverUrl } };
}

/** An agent's configuration file, named relative to where the command runs. @throws UserError with every complaint at once */
export async function readAgentConfig(cli: Cli, file: string): Promise<FileSettings> {
  const { ConfigFileError, readConfigFile } = await import('../agent/config/config-file.ts');
  return readConfigFile(resolve(cli.io.cwd, file), cli.io.env).catch((error) => {
    if (error instanceof ConfigFileError) throw new UserError(error.message, exitCodes.usage, error.complaints);
    throw error;
  });
}
