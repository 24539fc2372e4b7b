import { describe, expect, test } from 'vitest';
import type { Store } from '../../../server/store/store.ts';
import { apiKey, newId, noon } from '../../support/records.ts';

/** Session tokens of workflows, and the tokens they were exchanged for. */
export function sessions(store: () => Store): void {
  const workflow = { repository: 'acme/shop', repositoryId: 2 ** 40, runId: 2 ** 45, runAttempt: 2 };
  const session = (orgId: string, trustPolicyId: string, over = {}) =>
    apiKey({ orgId, trustPolicyId, workflow, expiresAt: noon + 10, ...over });
  const insert = (...keys: ReturnType<typeof apiKey>[]) =>
    store().transaction(async (tx) => {
      for (const key of keys) await tx.accounts.insertKey(key);
    });
  const find = (hash: string) => store().read((tx) => tx.accounts.findKeyByHash(hash));

  describe('a session token', () => {
    test('is listed apart from the keys that people made', async () => {
      const orgId = newId('org');
      const [key, old, young] = [apiKey({ orgId }), session(orgId, 'p'), session(orgId, 'p', { createdAt: noon + 1 })];
      await insert(key, old, young);
      await store().read(async (tx) => {
        expect(await tx.accounts.listKeys(orgId)).toEqual([key]);
        expect(await tx.accounts.listSessions(orgId)).toEqual([young, old]);
      });
    });

    test('is revoked with its trust policy, and no other with it', async () => {
      const [orgId, policy] = [newId('org'), newId('policy')];
      const [live, revoked] = [session(orgId, policy), session(orgId, policy, { revokedAt: noon + 1 })];
      const [others, key] = [session(orgId, newId('policy')), apiKey({ orgId })];
      await insert(live, revoked, others, key);
      await store().transaction((tx) => tx.accounts.revokeSessions(policy, noon + 2));
      expect((await find(live.hash))?.revokedAt).toBe(noon + 2);
      expect(await Promise.all([revoked, others, key].map(({ hash }) => find(hash)))).toEqual([revoked, others, key]);
    });
  });

  describe('a token', () => {
    const token = (over = {}) => ({ issuer: 'https://issuer.example', jti: newId('jti'), deadAt: noon + 10, ...over });
    const use = (each: ReturnType<typeof token>) => store().transaction((tx) => tx.accounts.useToken(each));

    test('is used once, and the same id of another issuer is another token', async () => {
      const one = token();
      expect([await use(one), await use(one)]).toEqual([true, false]);
      expect(await use({ ...one, issuer: 'https://issuer.example/slug' })).toBe(true);
    });

    test('that many use at the same moment is used by one of them', async () => {
      for (let round = 0; round < 20; round++) {
        const one = token();
        const used = await Promise.all(Array.from({ length: 8 }, () => use(one)));
        expect(used.filter((each) => each)).toHaveLength(1);
      }
    });

    test('used by a unit of work that failed is not used', async () => {
      const one = token();
      const failed = store().transaction(async (tx) => {
        await tx.accounts.useToken(one);
        throw new Error('refused');
      });
      await expect(failed).rejects.toThrow('refused');
      expect(await use(one)).toBe(true);
    });

    test('is forgotten when it is dead, with the session tokens that have expired, so many at a time', async () => {
      const orgId = newId('org');
      const tokens = Array.from({ length: 3 }, () => token());
      const sessionsThen = Array.from({ length: 3 }, () => session(orgId, 'p'));
      const key = apiKey({ orgId, expiresAt: noon + 10 });
      const [later, livesOn] = [token({ deadAt: noon + 11 }), session(orgId, 'p', { expiresAt: noon + 11 })];
      for (const each of [...tokens, later]) await use(each);
      await insert(...sessionsThen, livesOn, key);
      const forget = (now: number) => store().transaction((tx) => tx.accounts.forgetDead(now, 2));
      const left = async () => (await store().read((tx) => tx.accounts.listSessions(orgId))).length;

      await forget(noon + 9);
      expect(await left()).toBe(4);
      await forget(noon + 10);
      expect(await left()).toBe(2);
      await forget(noon + 10);
      await forget(noon + 10);
      expect(await store().read((tx) => tx.accounts.listSessions(orgId))).toEqual([livesOn]);
      expect(await find(key.hash)).toEqual(key);
      expect(await Promise.all(tokens.map(use))).toEqual([true, true, true]);
      expect(await use(later)).toBe(false);
    });
  });

  test('policies that are locked are those that are listed', async () => {
    const body = { name: 'main', role: 'submit', repository_id: 1, repository_owner_id: 2 } as const;
    const policy = { id: newId('policy'), orgId: newId('org'), body, createdAt: noon };
    await store().transaction((tx) => tx.accounts.insertPolicy(policy));
    const locked = await store().transaction((tx) => tx.accounts.lockPolicies(policy.orgId));
    expect(locked).toEqual(await store().read((tx) => tx.accounts.listPolicies(policy.orgId)));
    expect(locked).toHaveLength(1);
  });
}
