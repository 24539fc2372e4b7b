import { columns } from './columns.postgres.ts';
import { defineSchema } from './schema.ts';

export const {
  orgs,
  apiKeys,
  trustPolicies,
  usedTokens,
  blobs,
  appVersions,
  idempotencyKeys,
  runs,
  jobs,
  attempts,
  events,
  groups,
  agents,
  devices,
  leases,
  githubApps,
  githubSetups,
} = defineSchema(columns);
