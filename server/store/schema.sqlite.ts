import { columns } from './columns.sqlite.ts';
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
  checkRuns,
  checkLanes,
  groups,
  agents,
  devices,
  leases,
  githubApps,
  githubSetups,
  deliveries,
  approvals,
  quarantines,
  installations,
  removedRepositories,
} = defineSchema(columns);
