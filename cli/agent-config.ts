import { resolve } from 'node:path';
import type { FileSettings } from '../agent/config-file.ts';
import { exitCodes } from '../client/exit-codes.ts';
import { UserError } from '../client/user-error.ts';
import type { Cli } from './cli.ts';

/** An agent's configuration file, named relative to where the command runs. @throws UserError with every complaint at once */
export async function readAgentConfig(cli: Cli, file: string): Promise<FileSettings> {
  const { ConfigFileError, readConfigFile } = await import('../agent/config-file.ts');
  return readConfigFile(resolve(cli.io.cwd, file), cli.io.env).catch((error) => {
    if (error instanceof ConfigFileError) throw new UserError(error.message, exitCodes.usage, error.complaints);
    throw error;
  });
}
