import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from '../../executors/environment.ts';
import { PreparationError } from '../../preparation-error.ts';

/** A name that Android accepts as a package's, and that is harmless in every command. */
const packageName = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$/;

/**
 * The package an APK holds, as aapt tells.
 * @throws PreparationError: `config_error` where the file is no APK, `infra_error` where aapt cannot be run
 */
export async function packageOf(file: string, aapt: string, env: Environment): Promise<string> {
  const args = ['dump', 'badging', file];
  const options = { env, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(aapt, args, options).catch((error) => {
    if (typeof error.code === 'string')
      throw new PreparationError('infra_error', `aapt cannot be run (${error.code}): set ANDROID_HOME.`, error);
    throw new PreparationError('config_error', 'The build is no APK that Android could install.', error);
  });
  const name = stdout.match(/^package: name='([^']+)'/m)?.[1];
  if (!name || !packageName.test(name)) throw new PreparationError('config_error', 'The APK names no package.');
  return name;
}
