import type { z } from 'zod';
import type { RegisterAppVersion } from '../../contract/run.ts';
import { DomainError } from '../domain/errors.ts';
import type { AppVersion } from '../domain/model.ts';
import { listedOrg, mustActFor } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { readCursor, writeCursor } from './list-work.ts';
import { newOrg } from './submit-run.ts';
import type { Page } from './views.ts';

/**
 * Binds an app version id to bytes, for good: a test result says which bytes it is about.
 * @throws DomainError `org_mismatch`, `blob_unknown`, `app_version_conflict` with both hashes
 */
export async function registerAppVersion(
  deps: Deps,
  caller: Caller,
  id: string,
  body: z.output<typeof RegisterAppVersion>,
): Promise<{ created: boolean; appVersion: AppVersion }> {
  mustActFor(caller, body.org_id);
  const now = deps.now();
  return deps.store.transaction(async (tx) => {
    const blob = await tx.accounts.findBlob(body.org_id, body.sha256);
    if (!blob) throw new DomainError('blob_unknown', `Upload the app first: PUT /v1/blobs/${body.sha256}.`);
    if (!(await tx.orgs.find(body.org_id))) await tx.orgs.insert(newOrg(body.org_id, body.org_id, now));
    const appVersion: AppVersion = {
      orgId: body.org_id,
      id,
      sha256: body.sha256,
      platform: body.platform,
      fileName: body.file_name,
      sizeBytes: blob.sizeBytes,
      createdAt: now,
    };
    if (await tx.accounts.insertAppVersion(appVersion)) return { created: true, appVersion };
    const registered = await tx.accounts.findAppVersion(body.org_id, id);
    if (registered?.sha256 === body.sha256) return { created: false, appVersion: registered };
    throw new DomainError(
      'app_version_conflict',
      `${id} is registered with other bytes. A version's bytes never change: use a new app version id.`,
      { registered_sha256: registered?.sha256 ?? '', submitted_sha256: body.sha256 },
    );
  });
}

/** Newest first. @throws DomainError `org_mismatch` */
export async function listAppVersions(
  deps: Deps,
  caller: Caller,
  query: { limit?: number | undefined; cursor?: string | undefined; org_id?: string | undefined },
): Promise<Page<AppVersion>> {
  const limit = query.limit ?? 50;
  const offset = query.cursor === undefined ? 0 : readCursor(query.cursor);
  const orgId = listedOrg(caller, query.org_id);
  const rows = await deps.store.read((tx) => tx.accounts.listAppVersions(orgId, offset, limit + 1));
  return { items: rows.slice(0, limit), nextCursor: rows.length > limit ? writeCursor(offset + limit) : null };
}
