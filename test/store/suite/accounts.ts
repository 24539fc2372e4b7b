import { describe, expect, test } from 'vitest';
import type { Store } from '../../../server/store/store.ts';
import { apiKey, appVersion, newId, noon, org } from '../../support/records.ts';

/** Organisations, keys, trust, bytes and the answers that were given. */
export function accounts(store: () => Store): void {
  test('an organisation is made once, listed by id and saved whole', async () => {
    const [one, two] = [org({ id: newId('org'), usageMs: 1.25, maxQueuedJobs: 7 }), org()];
    const insert = (each: typeof one) => store().transaction((tx) => tx.orgs.insert(each));
    expect([await insert(two), await insert(one), await insert({ ...one, name: 'again' })]).toEqual([
      true,
      true,
      false,
    ]);
    const saved = { ...one, name: 'renamed', maxActiveJobs: 3, weight: 0.5, usageMs: 1e15 + 0.125 };
    await store().transaction((tx) => tx.orgs.save(saved));
    await store().read(async (tx) => {
      expect(await tx.orgs.find(one.id)).toEqual(saved);
      expect(await tx.orgs.list('', 10)).toEqual([saved, two]);
      expect(await tx.orgs.list(one.id, 1)).toEqual([two]);
    });
  });

  describe('an API key', () => {
    test('is found by its hash and listed for its organisation, newest first', async () => {
      const orgId = newId('org');
      const [old, young] = [apiKey({ orgId }), apiKey({ orgId, createdAt: noon + 1, expiresAt: noon + 2 })];
      const operators = apiKey({ orgId: null, role: 'admin', shared: true });
      expect(await store().read((tx) => tx.accounts.hasKeys())).toBe(false);
      await store().transaction(async (tx) => {
        for (const key of [old, young, operators]) await tx.accounts.insertKey(key);
      });
      await store().read(async (tx) => {
        expect(await tx.accounts.findKeyByHash(operators.hash)).toEqual(operators);
        expect(await tx.accounts.findKeyByHash('no such hash')).toBeUndefined();
        expect(await tx.accounts.listKeys(orgId)).toEqual([young, old]);
        expect(await tx.accounts.hasKeys()).toBe(true);
      });
    });

    test('is revoked once and only by its own organisation', async () => {
      const key = apiKey({ orgId: newId('org') });
      await store().transaction((tx) => tx.accounts.insertKey(key));
      const revoke = (orgId: string, at: number) =>
        store().transaction((tx) => tx.accounts.revokeKey(orgId, key.id, at));
      expect(await revoke('another', noon + 1)).toBe(false);
      expect(await revoke(key.orgId ?? '', noon + 2)).toBe(true);
      expect(await revoke(key.orgId ?? '', noon + 3)).toBe(false);
      await store().transaction((tx) => tx.accounts.touchKey(key.id, noon + 4));
      expect(await store().read((tx) => tx.accounts.findKeyByHash(key.hash))).toEqual({
        ...key,
        revokedAt: noon + 2,
        lastUsedAt: noon + 4,
      });
    });
  });

  test('a trust policy is deleted only by its own organisation', async () => {
    const body = { name: 'main', role: 'submit', repository_id: 1, repository_owner_id: 2, ref: '\u0000"' } as const;
    const policy = { id: newId('policy'), orgId: newId('org'), body, createdAt: noon };
    await store().transaction((tx) => tx.accounts.insertPolicy(policy));
    const remove = (orgId: string) => store().transaction((tx) => tx.accounts.deletePolicy(orgId, policy.id));
    const list = () => store().read((tx) => tx.accounts.listPolicies(policy.orgId));
    expect(await remove('another')).toBe(false);
    expect(await list()).toEqual([{ id: policy.id, body, createdAt: noon }]);
    expect(await remove(policy.orgId)).toBe(true);
    expect(await remove(policy.orgId)).toBe(false);
    expect(await list()).toEqual([]);
  });

  test('bytes belong to the organisations that uploaded them, and may be uploaded again', async () => {
    const blob = { orgId: newId('org'), sha256: newId('sha'), sizeBytes: 2 ** 40, createdAt: noon };
    for (let i = 0; i < 2; i++) await store().transaction((tx) => tx.accounts.insertBlob(blob));
    await store().read(async (tx) => {
      expect(await tx.accounts.findBlob(blob.orgId, blob.sha256)).toEqual({ sizeBytes: 2 ** 40 });
      expect(await tx.accounts.findBlob('another', blob.sha256)).toBeUndefined();
      expect(await tx.accounts.findAnyBlob(blob.sha256)).toEqual({ sizeBytes: 2 ** 40 });
      expect(await tx.accounts.findAnyBlob(newId('sha'))).toBeUndefined();
    });
  });

  test('an app version is registered once for each organisation and keeps its first bytes', async () => {
    const [ours, theirs] = [newId('org'), newId('org')];
    const first = appVersion({ orgId: ours });
    const [other, same] = [appVersion({ orgId: ours, createdAt: noon + 1 }), { ...first, orgId: theirs }];
    const insert = (each: typeof first) => store().transaction((tx) => tx.accounts.insertAppVersion(each));
    expect(await insert(first)).toBe(true);
    expect(await insert({ ...first, sha256: 'b'.repeat(64) })).toBe(false);
    expect([await insert(other), await insert(same)]).toEqual([true, true]);
    await store().read(async (tx) => {
      expect(await tx.accounts.findAppVersion(ours, first.id)).toEqual(first);
      expect(await tx.accounts.findAppVersion('another', first.id)).toBeUndefined();
      expect(await tx.accounts.listAppVersions(ours, 0, 10)).toEqual([other, first]);
      expect(await tx.accounts.listAppVersions(ours, 1, 1)).toEqual([first]);
      expect(await tx.accounts.listAppVersions(null, 0, 10)).toHaveLength(3);
    });
  });

  test('an answer is given once under its scope and key', async () => {
    const row = { scope: newId('org'), key: 'k', requestHash: 'h', answer: { id: 'run-1' }, createdAt: noon };
    await store().transaction((tx) => tx.accounts.insertAnswer(row));
    await expect(store().transaction((tx) => tx.accounts.insertAnswer({ ...row, answer: 2 }))).rejects.toThrow();
    await store().read(async (tx) => {
      expect(await tx.accounts.findAnswer(row.scope, 'k')).toEqual({ requestHash: 'h', answer: { id: 'run-1' } });
      expect(await tx.accounts.findAnswer('another', 'k')).toBeUndefined();
    });
  });
}
