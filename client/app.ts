import { basename, resolve } from 'node:path';
import type { Client } from '../contract/client.ts';
import type { AppVersion } from '../contract/run.ts';
import type { Platform } from '../contract/words.ts';
import { exitCodes } from './exit-codes.ts';
import { hashFile, type LocalBlob, type UploadDeps, uploadBlob } from './upload.ts';
import { UserError } from './user-error.ts';

/** A build on disk, and the app version it is to be known as. */
export interface LocalApp extends LocalBlob {
  id: string;
  fileName: string;
  platform: Platform;
}

const platformOf: readonly (readonly [RegExp, Platform])[] = [
  [/\.(apk|aab)$/i, 'android'],
  [/\.(ipa|app\.zip)$/i, 'ios'],
  [/\.(tgz|tar\.gz)$/i, 'web'],
];

/**
 * Reads a build. Without an id it is known by its own bytes: `sha256-` and the hash's first twelve digits.
 * @throws UserError when it cannot be read, or its name does not tell its platform and none is given.
 */
export async function readApp(
  file: string,
  given: { cwd: string; id?: string | undefined; platform?: Platform | undefined },
): Promise<LocalApp> {
  const fileName = basename(file);
  const platform = given.platform ?? platformOf.find(([ending]) => ending.test(fileName))?.[1];
  if (!platform) {
    throw new UserError(`The name ${fileName} does not tell the app's platform.`, exitCodes.usage, [
      'Add --platform android, ios or web; in a workflow rename the file. Known endings: .apk .aab .ipa .app.zip .tgz .tar.gz',
    ]);
  }
  const blob = await hashFile(resolve(given.cwd, file));
  return { ...blob, id: given.id ?? `sha256-${blob.sha256.slice(0, 12)}`, fileName, platform };
}

/** Uploads a build where the server lacks its bytes, and binds the app version to them, for good. */
export async function uploadApp(
  client: Client,
  deps: UploadDeps,
  orgId: string,
  app: LocalApp,
): Promise<{ appVersion: AppVersion; sent: boolean }> {
  const sent = await uploadBlob(deps, orgId, app);
  const { body } = await client.registerAppVersion({
    params: { app_version_id: app.id },
    body: { org_id: orgId, sha256: app.sha256, platform: app.platform, file_name: app.fileName },
  });
  return { appVersion: body, sent };
}
