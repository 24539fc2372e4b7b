import { z } from 'zod';
import { route } from '../route.ts';
import { AppVersion, RegisterAppVersion } from '../run.ts';
import { AppVersionId, OrgId, PageQuery, page, Sha256 } from '../words.ts';

const bySha = z.strictObject({ sha256: Sha256 });
/** An operator's or a shared agent's key names the organisation whose bytes are meant. */
const ofOrg = z.strictObject({ org_id: OrgId.optional() });

export const appVersionRoutes = {
  registerAppVersion: route({
    method: 'PUT',
    path: '/v1/app-versions/{app_version_id}',
    summary: 'Bind an app version id to bytes, for good',
    tag: 'app versions',
    role: 'submit',
    params: z.strictObject({ app_version_id: AppVersionId }),
    body: RegisterAppVersion,
    answers: { 201: AppVersion, 200: AppVersion },
    problems: ['org_mismatch', 'app_version_conflict', 'blob_unknown'],
  }),
  listAppVersions: route({
    method: 'GET',
    path: '/v1/app-versions',
    summary: 'List app versions, newest first',
    tag: 'app versions',
    role: 'read',
    query: z.strictObject({ ...PageQuery.shape, org_id: OrgId.optional() }),
    answers: { 200: page(AppVersion) },
    problems: ['org_mismatch'],
  }),
  headBlob: route({
    method: 'HEAD',
    path: '/v1/blobs/{sha256}',
    summary: 'Whether these bytes are here, and how many',
    tag: 'app versions',
    role: 'any',
    params: bySha,
    query: ofOrg,
    answers: { 200: 'empty' },
    problems: ['not_found', 'org_mismatch'],
  }),
  putBlob: route({
    method: 'PUT',
    path: '/v1/blobs/{sha256}',
    summary: 'Upload bytes under their SHA-256; known bytes are answered at once',
    tag: 'app versions',
    role: 'submit or agent',
    params: bySha,
    query: ofOrg,
    body: 'bytes',
    maxBodyBytes: 4 * 1024 ** 3,
    answers: { 201: 'empty', 200: 'empty' },
    problems: ['org_mismatch', 'blob_hash_mismatch', 'payload_too_large', 'storage_full'],
  }),
  getBlob: route({
    method: 'GET',
    path: '/v1/blobs/{sha256}',
    summary: 'Bytes by their SHA-256, always as a download; takes Range',
    tag: 'app versions',
    role: 'any',
    params: bySha,
    query: ofOrg,
    headers: z.object({ range: z.string().max(100).optional() }),
    answers: { 200: 'bytes', 206: 'bytes' },
    problems: ['not_found', 'range_not_satisfiable', 'org_mismatch'],
  }),
};
