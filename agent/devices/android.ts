import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledApp } from '../../contract/agent.ts';
import type { Client } from '../../contract/client.ts';
import type { Environment } from '../executors/environment.ts';
import { PreparationError } from '../preparation-error.ts';
import { downloadBlob } from '../workspace/download.ts';
import { makeOnce } from '../workspace/make-once.ts';
import type { Sharing } from '../workspace/share.ts';
import { writeAtomically } from '../write-atomically.ts';
import type { Adb } from './adb/adb.ts';
import { AdbError } from './adb/adb-error.ts';
import { packageOf } from './adb/apk.ts';
import { packagesOn } from './adb/packages.ts';
import { asUsual, type DevicePlatform, type Installation } from './device-platform.ts';

export interface AndroidDeviceDeps {
  client: Client;
  sharing: Sharing;
  adb: Adb;
  serial: string;
  aapt: string;
  /** aapt's environment. */
  env: Environment;
  /** Downloaded APKs, one folder per SHA-256. */
  appsDir: string;
  /** Remembers the package this agent put on the device, to remove it when another takes its place. */
  packageFile: string;
}

/** What was seen on the device by its bytes, and the stamp by which any later install would show. */
interface Proven {
  sha256: string;
  file: string;
  packageName: string;
  stamp: string;
}

/**
 * An Android device or emulator behind adb. What is installed is told by the SHA-256 of the APK on the device: version codes
 * say nothing, since builds of continuous integration share them.
 */
export function createAndroidDevice(deps: AndroidDeviceDeps): DevicePlatform {
  const { adb, serial, appsDir } = deps;
  const packages = packagesOn(adb, serial);
  const fileOf = (sha256: string) => join(appsDir, sha256, 'app.apk');
  let proven: Proven | null = null;

  /** Looks at the bytes on the device; null where they are others. */
  async function prove(sha256: string, packageName: string): Promise<Proven | null> {
    // the stamp first: an install between the two calls shows in the next comparison
    const stamp = await packages.stampOf(packageName);
    if (stamp === null || (await packages.sha256Of(packageName)) !== sha256) return null;
    return { sha256, file: fileOf(sha256), packageName, stamp };
  }

  async function confirms({ sha256 }: InstalledApp): Promise<boolean> {
    const seen = proven;
    proven = null;
    if (sha256 === null) return true;
    if (!existsSync(fileOf(sha256))) return false;
    if (seen?.sha256 === sha256 && (await packages.stampOf(seen.packageName)) === seen.stamp) proven = seen;
    else proven = await prove(sha256, await packageOf(fileOf(sha256), deps.aapt, deps.env));
    return proven !== null;
  }

  async function install(app: InstalledApp, signal: AbortSignal, anew: boolean): Promise<Installation> {
    proven = null;
    const { sha256 } = app;
    if (sha256 === null) return asUsual;
    await deps.sharing.join(`apk ${sha256}`, signal, (shared) => fetchApk(deps, app.org_id, sha256, shared));
    const packageName = await packageOf(fileOf(sha256), deps.aapt, deps.env);
    const before = await readFile(deps.packageFile, 'utf8').catch(() => null);
    if (before !== null && before !== packageName) await packages.uninstall(before);
    await writeAtomically(deps.packageFile, packageName);
    if (anew) await packages.uninstall(packageName);
    const uninstalledFor = await packages.install(packageName, fileOf(sha256), { signal });
    proven = await prove(sha256, packageName);
    if (!proven)
      throw new PreparationError('infra_error', `After the install of ${sha256} the device holds other bytes.`);
    return uninstalledFor === null
      ? asUsual
      : { made: true, remark: `The old app was removed first (${uninstalledFor}).` };
  }

  return {
    confirms: (app) => confirms(app).catch(rethrow),
    install: (app, signal, { anew }) => install(app, signal, anew).catch(rethrow),
    testedApp: () => proven && { kind: 'package', packageName: proven.packageName, file: proven.file },
    close: async () => undefined,
  };
}

function fetchApk(deps: AndroidDeviceDeps, org_id: string, sha256: string, signal: AbortSignal): Promise<string> {
  return makeOnce(join(deps.appsDir, sha256), async (dir) => {
    await downloadBlob(deps.client, { sha256, org_id }, join(dir, 'app.apk'), signal);
    await packageOf(join(dir, 'app.apk'), deps.aapt, deps.env);
  });
}

/** What adb says, as what it means for a job: a build Android refuses anywhere, or a device that gave way. */
function rethrow(error: unknown): never {
  if (!(error instanceof AdbError)) throw error;
  const refused = /INSTALL_(PARSE_FAILED|FAILED_(INVALID_APK|TEST_ONLY))/;
  const outcome = error.failure === 'failed' && refused.test(error.output) ? 'config_error' : 'infra_error';
  throw new PreparationError(outcome, error.message, error);
}
