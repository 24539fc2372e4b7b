import type { z } from 'zod';
import type { CreateOrg, Limits, TrustPolicy, TrustPolicyBody } from '../../contract/org.ts';
import { DomainError } from '../domain/errors.ts';
import { allTargets } from '../domain/grouping.ts';
import type { Org } from '../domain/model.ts';
import { maySee, mustBeOperator, notFound } from './authorise.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { once } from './once.ts';
import { newOrg } from './submit-run.ts';
import type { Page } from './views.ts';

/** @throws DomainError `forbidden`, `org_exists` */
export async function createOrg(
  deps: Deps,
  caller: Caller,
  body: z.output<typeof CreateOrg>,
  idempotency: Idempotency | null,
): Promise<Org> {
  mustBeOperator(caller);
  const now = deps.now();
  return deps.store.transaction((tx) =>
    once(tx, caller, idempotency, now, async () => {
      const org = newOrg(body.id, body.name, now);
      if (await tx.orgs.insert(org)) return org;
      throw new DomainError('org_exists', `There is an organisation ${body.id} already. Choose another id.`);
    }),
  );
}

/** By id; the operator's are all, anyone else's is their own. */
export async function listOrgs(
  deps: Deps,
  caller: Caller,
  query: { limit?: number | undefined; cursor?: string | undefined },
): Promise<Page<Org>> {
  const limit = query.limit ?? 50;
  return deps.store.read(async (tx) => {
    if (caller.orgId !== null) {
      const own = await tx.orgs.find(caller.orgId);
      return { items: own ? [own] : [], nextCursor: null };
    }
    const rows = await tx.orgs.list(query.cursor ?? '', limit + 1);
    const items = rows.slice(0, limit);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
}

/** @throws DomainError `not_found` */
export async function getLimits(deps: Deps, caller: Caller, orgId: string): Promise<Limits> {
  return deps.store.read(async (tx) => limitsOf(mustKnow(caller, await tx.orgs.find(orgId), orgId)));
}

/** @throws DomainError `forbidden`, `not_found` */
export async function putLimits(deps: Deps, caller: Caller, orgId: string, limits: Limits): Promise<Limits> {
  mustBeOperator(caller);
  const put = await deps.store.transaction(async (tx) => {
    const org = mustKnow(caller, await tx.orgs.lock(orgId), orgId);
    const { max_queued_jobs, max_active_jobs, weight } = limits;
    const changed = { ...org, maxQueuedJobs: max_queued_jobs, maxActiveJobs: max_active_jobs, weight };
    await tx.orgs.save(changed);
    return limitsOf(changed);
  });
  // a limit that was raised lets devices take what it kept from them
  for (const target of allTargets) deps.signals.workArrived(target);
  return put;
}

/** Oldest first. @throws DomainError `not_found` */
export async function listTrustPolicies(deps: Deps, caller: Caller, orgId: string): Promise<TrustPolicy[]> {
  return deps.store.read(async (tx) => {
    mustKnow(caller, await tx.orgs.find(orgId), orgId);
    return (await tx.accounts.listPolicies(orgId)).map(toPolicy);
  });
}

/** @throws DomainError `not_found`, `validation_failed` for an issuer whose tokens the server does not take */
export async function createTrustPolicy(
  deps: Deps,
  caller: Caller,
  orgId: string,
  body: TrustPolicyBody,
  idempotency: Idempotency | null,
): Promise<TrustPolicy> {
  const issuer = body.issuer ?? deps.oidc.issuers[0];
  if (issuer === undefined || !deps.oidc.issuers.includes(issuer)) {
    const errors = [{ path: 'body.issuer', message: `one of ${deps.oidc.issuers.join(', ')}` }];
    throw new DomainError('validation_failed', 'Name an issuer that this server takes (QGJOB_OIDC_ISSUERS).', {
      errors,
    });
  }
  const now = deps.now();
  return deps.store.transaction((tx) =>
    once(tx, caller, idempotency, now, async () => {
      mustKnow(caller, await tx.orgs.find(orgId), orgId);
      const policy = { id: deps.newId('tru'), orgId, body: { ...body, issuer }, createdAt: now };
      await tx.accounts.insertPolicy(policy);
      return toPolicy(policy);
    }),
  );
}

/** The session tokens that were given by it are revoked with it. @throws DomainError `not_found` */
export async function deleteTrustPolicy(deps: Deps, caller: Caller, orgId: string, id: string): Promise<void> {
  const now = deps.now();
  await deps.store.transaction(async (tx) => {
    mustKnow(caller, await tx.orgs.find(orgId), orgId);
    if (!(await tx.accounts.deletePolicy(orgId, id))) throw notFound('trust policy', id);
    // after the policy: whoever exchanges a token meanwhile either finds it gone, or has its session revoked here
    await tx.accounts.revokeSessions(id, now);
  });
}

/** @throws DomainError `not_found` unless the organisation exists and the caller may see it */
export function mustKnow(caller: Caller, org: Org | undefined, id: string): Org {
  if (!org || !maySee(caller, id)) throw notFound('organisation', id);
  return org;
}

function limitsOf(org: Org): Limits {
  return { max_queued_jobs: org.maxQueuedJobs, max_active_jobs: org.maxActiveJobs, weight: org.weight };
}

function toPolicy(row: { id: string; body: TrustPolicyBody; createdAt: number }): TrustPolicy {
  return { ...row.body, id: row.id, created_at: new Date(row.createdAt).toISOString() };
}
