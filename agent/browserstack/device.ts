import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../contract/client.ts';
import { asUsual, type DevicePlatform, type Installation } from '../devices/device-platform.ts';
import { PreparationError } from '../preparation-error.ts';
import { downloadBlob } from '../workspace/download.ts';
import { makeOnce } from '../workspace/make-once.ts';
import type { Sharing } from '../workspace/share.ts';
import type { BrowserstackApi } from './api.ts';
import { BrowserstackError } from './browserstack-error.ts';

export interface BrowserstackDeviceDeps {
  api: BrowserstackApi;
  client: Client;
  sharing: Sharing;
  /** Downloaded builds, one folder per SHA-256. */
  appsDir: string;
  platform: 'android' | 'ios';
}

export interface BrowserstackDevice extends DevicePlatform {
  /** A session was told that the app is no longer there, whatever the list of uploads says. */
  deleted(): void;
}

const uploadedBefore: Installation = { made: false, remark: 'It had been uploaded before.' };

/**
 * One parallel of a BrowserStack plan. To install an app version is to have it uploaded: once, however many parallels and
 * agents there are, since it is looked up by its bytes first. The cloud puts it on a device for each session.
 */
export function createBrowserstackDevice(deps: BrowserstackDeviceDeps): BrowserstackDevice {
  let url: string | null = null;
  let version = '';
  const deleted = new Set<string>();
  const find = async (orgId: string, sha256: string, signal: AbortSignal) => {
    const found = await deps.api.findApp(customIdOf(orgId, sha256), signal);
    return found !== null && deleted.has(found) ? null : found;
  };
  const rethrow = (error: unknown): never => {
    if (!(error instanceof BrowserstackError)) throw error;
    throw new PreparationError(error.failure === 'rejected' ? 'config_error' : 'infra_error', error.message, error);
  };
  return {
    async confirms({ org_id, app_version_id, sha256 }) {
      version = `${org_id} ${app_version_id}`;
      if (sha256 === null) return true;
      const forGood = new AbortController().signal;
      url = await find(org_id, sha256, forGood).catch(rethrow);
      return url !== null;
    },
    async install({ org_id, app_version_id, sha256 }, signal) {
      url = null;
      version = `${org_id} ${app_version_id}`;
      if (sha256 === null) return asUsual;
      // whoever asks for a new install has one: each session is
      url = await find(org_id, sha256, signal).catch(rethrow);
      if (url !== null) return uploadedBefore;
      let made = false;
      url = await deps.sharing
        .join(`browserstack ${org_id} ${sha256}`, signal, (shared) => {
          made = true;
          return upload(deps, org_id, sha256, shared);
        })
        .catch(rethrow);
      return made ? asUsual : uploadedBefore;
    },
    testedApp: () => (url === null ? null : { kind: 'uploaded', url, version }),
    deleted() {
      if (url !== null) deleted.add(url);
    },
    close: async () => undefined,
  };
}

/** The same for the same bytes of the same organisation; only what BrowserStack keeps of a name, and as much of it. */
function customIdOf(orgId: string, sha256: string): string {
  return `qgjob-${orgId.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 29)}-${sha256}`;
}

async function upload(deps: BrowserstackDeviceDeps, org_id: string, sha256: string, signal: AbortSignal) {
  const name = deps.platform === 'ios' ? 'app.ipa' : 'app.apk';
  const folder = join(deps.appsDir, sha256);
  if (!existsSync(join(folder, name))) {
    await makeOnce(folder, (dir) => downloadBlob(deps.client, { sha256, org_id }, join(dir, name), signal));
  }
  return deps.api.upload(join(folder, name), customIdOf(org_id, sha256), signal);
}
