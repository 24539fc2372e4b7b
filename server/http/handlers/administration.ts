import { randomBytes } from 'node:crypto';
import { apiKeyRandomBytes } from '../../domain/api-key.ts';
import type { Deps } from '../../usecases/deps.ts';
import { exchangeToken } from '../../usecases/exchange-token.ts';
import { createKey, listKeys, revokeKey } from '../../usecases/manage-keys.ts';
import {
  createOrg,
  createTrustPolicy,
  deleteTrustPolicy,
  getLimits,
  listOrgs,
  listTrustPolicies,
  putLimits,
} from '../../usecases/manage-orgs.ts';
import { listQuarantines, removeQuarantine } from '../../usecases/manage-quarantines.ts';
import { instant, optionalInstant } from '../present.ts';
import { presentKey, presentOrg, presentPage, presentQuarantine } from '../present-fleet.ts';
import type { Handlers } from '../request-context.ts';

/** Handlers of organisations, keys, limits and trust. */
export function administrationHandlers(deps: Deps) {
  return {
    whoAmI(_, { caller: { orgId, role, name }, keyExpiresAt }) {
      return { status: 200, body: { org_id: orgId, role, name, expires_at: optionalInstant(keyExpiresAt) } };
    },
    async createOrg({ body }, { caller, idempotency }) {
      return { status: 201, body: presentOrg(await createOrg(deps, caller, body, idempotency)) };
    },
    async listOrgs({ query }, { caller }) {
      return { status: 200, body: presentPage(await listOrgs(deps, caller, query), presentOrg) };
    },
    async createKey({ params, body }, { caller, idempotency }) {
      const random = () => randomBytes(apiKeyRandomBytes);
      const { key, text } = await createKey(deps, caller, params.org, body, random, idempotency);
      return { status: 201, body: { ...presentKey(key), key: text } };
    },
    async listKeys({ params, query }, { caller }) {
      const keys = await listKeys(deps, caller, params.org, query.sessions === 'only' ? 'sessions' : 'keys');
      return { status: 200, body: presentPage(whole(keys), presentKey) };
    },
    async revokeKey({ params }, { caller }) {
      await revokeKey(deps, caller, params.org, params.key_id);
      return { status: 204, body: undefined };
    },
    async getLimits({ params }, { caller }) {
      return { status: 200, body: await getLimits(deps, caller, params.org) };
    },
    async putLimits({ params, body }, { caller }) {
      return { status: 200, body: await putLimits(deps, caller, params.org, body) };
    },
    async listTrustPolicies({ params }, { caller }) {
      const items = await listTrustPolicies(deps, caller, params.org);
      return { status: 200, body: presentPage(whole(items), (policy) => policy) };
    },
    async createTrustPolicy({ params, body }, { caller, idempotency }) {
      return { status: 201, body: await createTrustPolicy(deps, caller, params.org, body, idempotency) };
    },
    async deleteTrustPolicy({ params }, { caller }) {
      await deleteTrustPolicy(deps, caller, params.org, params.policy_id);
      return { status: 204, body: undefined };
    },
    async listQuarantines({ params }, { caller }) {
      return {
        status: 200,
        body: presentPage(whole(await listQuarantines(deps, caller, params.org)), presentQuarantine),
      };
    },
    async removeQuarantine({ params }, { caller }) {
      await removeQuarantine(deps, caller, params.org, params.quarantine_id);
      return { status: 204, body: undefined };
    },
    describeOidc() {
      const { audience, issuers } = deps.oidc;
      return { status: 200, body: { audience, issuers: [...issuers] } };
    },
    async exchangeOidc({ body }) {
      const { text, expiresAt } = await exchangeToken(deps, body, () => randomBytes(apiKeyRandomBytes));
      return { status: 200, body: { token: text, expires_at: instant(expiresAt) } };
    },
  } satisfies Partial<Handlers>;
}

/** A list that is always shown whole. */
function whole<T>(items: T[]): { items: T[]; nextCursor: null } {
  return { items, nextCursor: null };
}
