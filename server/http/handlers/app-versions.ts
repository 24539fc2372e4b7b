import { routes } from '../../../contract/routes.ts';
import { listAppVersions, registerAppVersion } from '../../usecases/app-versions.ts';
import { findBlob, storeBlob } from '../../usecases/blobs.ts';
import type { Deps } from '../../usecases/deps.ts';
import { presentAppVersion, presentPage } from '../present-fleet.ts';
import { contentAnswer } from '../range.ts';
import type { Handlers } from '../request-context.ts';

/** Bytes come from tests and apps: never shown in place, whatever they claim to be. */
const asDownload = { 'content-disposition': 'attachment' };

/** Handlers of app versions and of the bytes they are bound to. */
export function appVersionHandlers(deps: Deps) {
  return {
    async registerAppVersion({ params, body }, { caller }) {
      const { created, appVersion } = await registerAppVersion(deps, caller, params.app_version_id, body);
      return { status: created ? 201 : 200, body: presentAppVersion(appVersion) };
    },
    async listAppVersions({ query }, { caller }) {
      return { status: 200, body: presentPage(await listAppVersions(deps, caller, query), presentAppVersion) };
    },
    async headBlob({ params, query }, { caller }) {
      const { size } = await findBlob(deps, caller, params.sha256, query.org_id);
      return { status: 200, body: undefined, headers: { 'content-length': String(size), 'accept-ranges': 'bytes' } };
    },
    async putBlob({ params, query, body }, { caller }) {
      const { maxBodyBytes } = routes.putBlob;
      const { created } = await storeBlob(deps, caller, params.sha256, query.org_id, body, maxBodyBytes);
      return { status: created ? 201 : 200, body: undefined };
    },
    async getBlob({ params, query, headers }, { caller }) {
      const { size } = await findBlob(deps, caller, params.sha256, query.org_id);
      const read = (range?: { first: number; last: number }) => deps.blobs.read(params.sha256, range);
      return contentAnswer({ size, read, headers: asDownload }, headers.range);
    },
  } satisfies Partial<Handlers>;
}
