import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from '../../../contract/client.ts';
import type { Environment } from '../../executors/environment.ts';
import { PreparationError } from '../../preparation-error.ts';
import { downloadBlob } from '../../workspace/download.ts';
import { makeOnce } from '../../workspace/make-once.ts';
import type { Sharing } from '../../workspace/share.ts';
import { unpackArchive } from '../../workspace/unpack.ts';
import { asUsual, type DevicePlatform } from '../device-platform.ts';

export interface SimulatorDeps {
  client: Client;
  sharing: Sharing;
  /** The simulator's identifier, as `xcrun simctl list` has it. */
  udid: string;
  env: Environment;
  /** Unpacked builds, one folder per SHA-256. */
  buildsDir: string;
}

/** For booting, and for installs, which copy the whole app. */
const callMs = 300_000;
/** What Apple allows in the identifier of an app. */
const bundleId = /^[A-Za-z0-9][A-Za-z0-9.-]{0,254}$/;

interface Installed {
  sha256: string;
  app: string;
  id: string;
  /** Where the simulator keeps it: another place after every install. */
  container: string;
}

/** An iOS simulator behind `xcrun simctl`; it is booted when an app is installed. An app version is a .tar.gz of one .app. */
export function createSimulator(deps: SimulatorDeps): DevicePlatform {
  const { udid, env } = deps;
  const run = async (program: string, ...args: string[]) =>
    (await promisify(execFile)(program, args, { env, timeout: callMs })).stdout.trim();
  const simctl = (...args: string[]) => run('xcrun', 'simctl', ...args);
  let installed: Installed | null = null;

  async function install(sha256: string, orgId: string, signal: AbortSignal, anew: boolean): Promise<void> {
    const app = await deps.sharing.join(`app ${sha256}`, signal, (shared) => fetchApp(deps, orgId, sha256, shared));
    const id = await run('plutil', '-extract', 'CFBundleIdentifier', 'raw', '-o', '-', join(app, 'Info.plist'));
    if (!bundleId.test(id)) throw new PreparationError('config_error', 'The app has no usable CFBundleIdentifier.');
    await simctl('bootstatus', udid, '-b');
    if (anew) await simctl('uninstall', udid, id);
    signal.throwIfAborted();
    await simctl('install', udid, app);
    installed = { sha256, app, id, container: await simctl('get_app_container', udid, id) };
  }

  return {
    async confirms({ sha256 }) {
      if (sha256 === null) return true;
      if (installed?.sha256 !== sha256) return false;
      const container = await simctl('get_app_container', udid, installed.id).catch(() => null);
      return container === installed.container;
    },
    async install({ sha256, org_id }, signal, { anew }) {
      installed = null;
      if (sha256 === null) return asUsual;
      await install(sha256, org_id, signal, anew).catch((error) => {
        signal.throwIfAborted();
        if (error instanceof PreparationError) throw error;
        const said = String(error.stderr || error.message)
          .trim()
          .slice(0, 2048);
        throw new PreparationError('infra_error', `The simulator ${udid} cannot be used: ${said}`, error);
      });
      return asUsual;
    },
    testedApp: () => installed && { kind: 'package', packageName: installed.id, file: installed.app },
    close: async () => undefined,
  };
}

async function fetchApp(deps: SimulatorDeps, org_id: string, sha256: string, signal: AbortSignal): Promise<string> {
  const folder = await makeOnce(join(deps.buildsDir, sha256), async (dir) => {
    const archive = join(dir, 'build.tar.gz');
    await downloadBlob(deps.client, { sha256, org_id }, archive, signal);
    await mkdir(join(dir, 'build'));
    await unpackArchive(archive, join(dir, 'build'), 'The build');
    await rm(archive);
  });
  const apps = (await readdir(join(folder, 'build'))).filter((name) => name.endsWith('.app'));
  const [only, ...others] = apps;
  if (only === undefined || others.length > 0)
    throw new PreparationError('config_error', 'The build is no .tar.gz with one .app at its top.');
  return join(folder, 'build', only);
}
