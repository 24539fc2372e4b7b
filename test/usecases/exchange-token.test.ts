import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { apiKeyRandomBytes } from '../../server/domain/api-key.ts';
import { authenticate } from '../../server/usecases/authenticate.ts';
import { exchangeToken } from '../../server/usecases/exchange-token.ts';
import { listKeys } from '../../server/usecases/manage-keys.ts';
import { createOrg, createTrustPolicy, deleteTrustPolicy } from '../../server/usecases/manage-orgs.ts';
import { createSweep } from '../../server/usecases/sweep.ts';
import { type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts';
import { engines, openScenario, operator, type Scenario } from '../support/scenario.ts';

let issuer: OidcIssuer;
beforeAll(async () => {
  issuer = await startOidcIssuer();
});
afterAll(() => issuer.stop());

describe.each(engines)('exchanging a token, on %s', (engine) => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario(engine, [issuer.issuer]);
    await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
  });
  afterEach(() => s.close());

  const trust = (body = {}) => {
    const ids = { repository_id: 1001, repository_owner_id: 2002 };
    return createTrustPolicy(s.deps, operator, 'acme', { name: 'acme/shop', role: 'submit', ...ids, ...body }, null);
  };
  const newToken = (claims = {}) => issuer.token('http://qgjob.test', claims);
  const exchange = (token: string, orgId = 'acme') =>
    exchangeToken(s.deps, { token, org_id: orgId }, () => randomBytes(apiKeyRandomBytes));
  const sessions = () => listKeys(s.deps, operator, 'acme', 'sessions');

  test('gives a session of an hour, with the role of the policy and the name of its workflow run', async () => {
    const { id } = await trust({ role: 'read' });
    const { text, expiresAt } = await exchange(await newToken({ run_attempt: '2' }));
    expect(expiresAt).toBe(s.deps.now() + 3_600_000);
    const workflow = { repository: 'acme/shop', repositoryId: 1001, runId: 4004, runAttempt: 2 };
    const name = 'acme/shop workflow run 4004.2';
    expect(await sessions()).toMatchObject([{ name, role: 'read', trustPolicyId: id, workflow, expiresAt }]);
    expect(await authenticate(s.deps, text)).toMatchObject({ caller: { orgId: 'acme', role: 'read', workflow } });
    s.pass(3_600_000);
    expect(await authenticate(s.deps, text)).toBeNull();
  });

  test('keeps a hash of the session, not the session', async () => {
    await trust();
    const { text } = await exchange(await newToken());
    const stored = await s.deps.store.read((tx) => tx.accounts.listSessions('acme'));
    expect(stored).toMatchObject([{ hash: s.deps.sha256(text) }]);
    expect(JSON.stringify(stored)).not.toContain(text);
  });

  test('works once, however many try at the same moment', async () => {
    await trust();
    const token = await newToken();
    const tried = await Promise.allSettled(Array.from({ length: 8 }, () => exchange(token)));
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of tried) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'unauthenticated' });
    }
    expect(await sessions()).toHaveLength(1);
    await expect(exchange(token)).rejects.toThrow('exchanged before');
  });

  test('that is refused does not use the token up', async () => {
    const token = await newToken();
    await expect(exchange(token)).rejects.toMatchObject({ code: 'forbidden' });
    await trust();
    await exchange(token);
  });

  test('is refused alike by an organisation that does not trust the repository and by one that is none', async () => {
    await trust({ repository_id: 9 });
    const refusal = async (orgId: string) => {
      const error = await exchange(await newToken({ repository: 'corner/shop' }), orgId).catch((reason) => reason);
      return { code: error.code, message: error.message.replaceAll(orgId, 'ORG') };
    };
    expect(await refusal('acme')).toMatchObject({ code: 'forbidden' });
    expect(await refusal('nobody')).toEqual(await refusal('acme'));
  });

  test('leaves no session behind whose policy is deleted at the same moment', async () => {
    for (let round = 0; round < 25; round++) {
      const { id } = await trust();
      const tokens = await Promise.all([newToken(), newToken(), newToken()]);
      await Promise.allSettled([
        ...tokens.map((token) => exchange(token)),
        deleteTrustPolicy(s.deps, operator, 'acme', id),
      ]);
      expect(await sessions()).toEqual([]);
    }
  });

  test('is forgotten by the sweep when the session has expired and the token is dead', async () => {
    await trust();
    await exchange(await newToken());
    const sweep = createSweep(s.deps);
    s.pass(3_599_999);
    await sweep();
    expect(await sessions()).toHaveLength(1);
    s.pass(1);
    await sweep();
    expect(await s.deps.store.read((tx) => tx.accounts.listSessions('acme'))).toEqual([]);
  });
});
