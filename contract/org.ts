import { z } from 'zod';
import { Id, Instant, KeyRole, line, OrgId } from './words.ts';

export const Org = z.strictObject({ id: OrgId, name: z.string(), created_at: Instant });
export type Org = z.infer<typeof Org>;

export const CreateOrg = z.strictObject({ id: OrgId, name: line(128) });

export const CreateKey = z.strictObject({
  role: KeyRole,
  name: line(128),
  expires_at: Instant.optional(),
  /** An agent key whose agents serve every organisation; only the operator's key may make one. */
  shared: z.boolean().optional(),
});

/** The GitHub workflow run that a session token was made for. */
const Workflow = z.strictObject({
  repository: z.string(),
  repository_id: z.int(),
  run_id: z.int(),
  run_attempt: z.int(),
});

export const ApiKey = z.strictObject({
  id: Id,
  role: KeyRole,
  name: z.string(),
  shared: z.boolean(),
  created_at: Instant,
  expires_at: Instant.nullable(),
  last_used_at: Instant.nullable(),
  /** Of a session token: whose it is; its key may do nothing outside that repository. */
  workflow: Workflow.nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** The only answer that ever holds the key itself. */
export const CreatedKey = z.strictObject({ ...ApiKey.shape, key: z.string() });
export type CreatedKey = z.infer<typeof CreatedKey>;

/** Null means no limit. `weight` is the org's share of device time against other orgs', 1 by default. */
export const Limits = z.strictObject({
  max_queued_jobs: z.int().min(1).nullable(),
  max_active_jobs: z.int().min(1).nullable(),
  weight: z.number().positive().max(1000),
});
export type Limits = z.infer<typeof Limits>;

/**
 * Which GitHub workflows may get a session token. Bound to ids, never to names, which can be taken over. What is left out is
 * not asked for, but for the events that run with other people's code: those fit only where `event_names` names them.
 */
export const TrustPolicyBody = z.strictObject({
  name: line(128),
  role: KeyRole.extract(['submit', 'read']),
  /** Whose ids they are, since two GitHubs may give the same: one of the server's issuers, the first unless told. */
  issuer: line(255).optional(),
  repository_id: z.int().positive(),
  repository_owner_id: z.int().positive(),
  ref: line(255).optional(),
  environment: line(255).optional(),
  event_names: z.array(line(64)).min(1).max(32).optional(),
  job_workflow_ref: line(512).optional(),
});
export type TrustPolicyBody = z.infer<typeof TrustPolicyBody>;

export const TrustPolicy = z.strictObject({ ...TrustPolicyBody.shape, id: Id, created_at: Instant });
export type TrustPolicy = z.infer<typeof TrustPolicy>;

export const WhoAmI = z.strictObject({
  org_id: OrgId.nullable(),
  role: KeyRole,
  name: z.string(),
  expires_at: Instant.nullable(),
});

/** A test whose failures do not count until an instant: it runs and is reported, and a job of which nothing else failed passes. */
export const Quarantine = z.strictObject({
  id: Id,
  repository_id: z.int(),
  test_path: z.string(),
  /** Within its file, outermost first. */
  title_path: z.array(z.string()),
  until: Instant,
  /** Who clicked the button on GitHub. */
  by: z.string(),
  /** The run in which it failed. */
  from_run_id: Id,
  created_at: Instant,
});
export type Quarantine = z.infer<typeof Quarantine>;
