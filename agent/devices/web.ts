import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../../contract/client.ts';
import { PreparationError } from '../preparation-error.ts';
import { downloadBlob } from '../workspace/download.ts';
import { makeOnce } from '../workspace/make-once.ts';
import type { Sharing } from '../workspace/share.ts';
import { unpackArchive } from '../workspace/unpack.ts';
import { asUsual, type DevicePlatform } from './device-platform.ts';
import { serveFolder } from './serve-folder.ts';

export interface WebDeviceDeps {
  client: Client;
  sharing: Sharing;
  /** Unpacked builds, one folder per SHA-256. */
  buildsDir: string;
}

/**
 * A Chromium that emulates a device. To install an app version is to unpack its build (.tgz) and serve it to this device
 * alone, on an origin of its own: no two devices share storage, and a device's origin stays the same.
 */
export async function createWebDevice(deps: WebDeviceDeps): Promise<DevicePlatform> {
  const server = await serveFolder();
  const folderOf = (sha256: string) => join(deps.buildsDir, sha256, 'build');
  return {
    async confirms({ sha256 }) {
      if (sha256 === null) return true;
      if (!existsSync(folderOf(sha256))) return false;
      server.serve(await siteIn(folderOf(sha256)));
      return true;
    },
    async install(app, signal) {
      server.serve(null);
      const { sha256 } = app;
      if (sha256 === null) return asUsual;
      await deps.sharing.join(`build ${sha256}`, signal, (shared) => fetchBuild(deps, app.org_id, sha256, shared));
      server.serve(await siteIn(folderOf(sha256)));
      return asUsual;
    },
    testedApp: () => (server.serving() ? { kind: 'site', baseUrl: server.url } : null),
    close: () => server.close(),
  };
}

function fetchBuild(deps: WebDeviceDeps, org_id: string, sha256: string, signal: AbortSignal): Promise<string> {
  return makeOnce(join(deps.buildsDir, sha256), async (dir) => {
    const archive = join(dir, 'build.tar.gz');
    await downloadBlob(deps.client, { sha256, org_id }, archive, signal);
    await mkdir(join(dir, 'build'));
    await unpackArchive(archive, join(dir, 'build'), 'The build');
    await siteIn(join(dir, 'build'));
    await rm(archive);
  });
}

/** The folder with index.html: the archive's top, or the only folder in it (`dist/`, `package/`). */
async function siteIn(folder: string): Promise<string> {
  const isSite = (path: string) => existsSync(join(path, 'index.html'));
  if (isSite(folder)) return folder;
  const [only, ...others] = await readdir(folder);
  const inner = only === undefined ? folder : join(folder, only);
  if (others.length === 0 && (await stat(inner)).isDirectory() && isSite(inner)) return inner;
  throw new PreparationError('config_error', 'The build has no index.html at its top or in its only folder.');
}
