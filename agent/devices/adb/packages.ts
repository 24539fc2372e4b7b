import type { Adb, AdbCall } from './adb.ts';
import { AdbError } from './adb-error.ts';

/** Dex compilation of a large app on a slow device takes minutes. */
const installMs = 300_000;
/** Hashing reads the whole APK on the device. */
const hashMs = 60_000;

/** A failed install after which removing the old package helps, by Android's own words. */
const helpedByUninstall: readonly [RegExp, string][] = [
  [
    /INSTALL_FAILED_(UPDATE_INCOMPATIBLE|SHARED_USER_INCOMPATIBLE)|INSTALL_PARSE_FAILED_INCONSISTENT/,
    'other signature',
  ],
  [/INSTALL_FAILED_(VERSION_DOWNGRADE|PERMISSION_MODEL_DOWNGRADE)/, 'downgrade'],
  [/INSUFFICIENT_STORAGE|not enough space|No space left on device/i, 'space'],
];

/** The packages on one Android device. Every method throws AdbError, or the signal's reason. */
export interface Packages {
  /**
   * What changes whenever the package is installed anew, whoever does it: cheap to ask, but no proof of what is installed.
   * Null where the package is not installed.
   */
  stampOf(name: string): Promise<string | null>;
  /** SHA-256 of the installed APK, read on the device; null where it is not installed or is not one single APK. */
  sha256Of(name: string): Promise<string | null>;
  /**
   * Installs an APK in place of the package, whose data is cleared before. Where Android refuses for the sake of what is
   * installed, that is removed and the install tried once more: resolves with why, null where there was no need.
   */
  install(name: string, file: string, call: AdbCall): Promise<string | null>;
  /** Removes a package; one that is not there is no error. */
  uninstall(name: string): Promise<void>;
}

export function packagesOn(adb: Adb, serial: string): Packages {
  const shell = (...words: string[]) => adb.shell(serial, words);

  async function uninstall(name: string): Promise<void> {
    await adb.run(serial, ['uninstall', name], { timeoutMs: hashMs }).catch(unlessRefused);
  }

  /** `-r` over what is there, `-d` also an older one, `-g` with every permission it asks for. */
  async function installOnce(file: string, call: AdbCall): Promise<void> {
    const args = ['install', '-r', '-d', '-g', file];
    const printed = await adb.run(serial, args, { timeoutMs: installMs, ...call });
    // adb of old exits with 0 whatever the device says
    if (!/^Success/m.test(printed)) throw new AdbError('failed', `adb install: ${printed.trim()}`, printed);
  }

  return {
    async stampOf(name) {
      const text = await shell('dumpsys', 'package', name);
      const fields = ['codePath', 'versionCode', 'lastUpdateTime'].map(
        (field) => text.match(new RegExp(`^\\s+${field}=(.*)$`, 'm'))?.[1],
      );
      return fields.every((field) => field !== undefined) ? fields.join(' ') : null;
    },
    async sha256Of(name) {
      const paths = (await shell('pm', 'path', name).catch(unlessRefused)) ?? '';
      const [only, ...others] = [...paths.matchAll(/^package:(\/.+\.apk)\s*$/gm)].map(([, path = '']) => path);
      if (only === undefined || others.length > 0) return null;
      const printed = await adb.shell(serial, ['sha256sum', only], { timeoutMs: hashMs });
      return printed.match(/^\\?([0-9a-f]{64})\s/)?.[1] ?? null;
    },
    async install(name, file, call) {
      await shell('pm', 'clear', name).catch(unlessRefused);
      try {
        await installOnce(file, call);
        return null;
      } catch (error) {
        const why = whyUninstall(error);
        if (why === null) throw error;
        await uninstall(name);
        await installOnce(file, call);
        return why;
      }
    },
    uninstall,
  };
}

function whyUninstall(error: unknown): string | null {
  if (!(error instanceof AdbError) || error.failure !== 'failed') return null;
  return helpedByUninstall.find(([pattern]) => pattern.test(error.output))?.[1] ?? null;
}

/** The device said no, which is an answer; anything else is no answer. */
function unlessRefused(error: unknown): undefined {
  if (error instanceof AdbError && error.failure === 'failed') return undefined;
  throw error;
}
