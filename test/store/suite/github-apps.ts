import { describe, expect, test } from 'vitest';
import type { AppSetup, RegisteredApp } from '../../../server/domain/github/app.ts';
import type { Store } from '../../../server/store/store.ts';
import { newId, noon } from '../../support/records.ts';

/** GitHub Apps and their registrations under way. */
export function githubApps(store: () => Store): void {
  const somewhere = (host: string) => ({ host, webUrl: `https://${host}`, apiUrl: `https://${host}/api/v3` });
  const app = (over: Partial<RegisteredApp> = {}): RegisteredApp => ({
    ...somewhere('github.acme.example'),
    appId: 2 ** 40,
    slug: 'qgjob',
    name: 'qgjob',
    clientId: 'Iv23li',
    registeredAt: noon,
    reopenedUntil: null,
    sealedPrivateKey: 'sealed key',
    sealedWebhookSecret: 'sealed secret',
    ...over,
  });
  const setup = (over: Partial<AppSetup> = {}): AppSetup => ({
    ...somewhere('github.acme.example'),
    stateHash: newId('state'),
    browserHash: 'browser',
    keyId: 'key_1',
    expiresAt: noon + 10,
    ...over,
  });
  const insert = (one: RegisteredApp) => store().transaction((tx) => tx.githubApps.insert(one));
  const replace = (one: RegisteredApp, now: number) => store().transaction((tx) => tx.githubApps.replace(one, now));
  const list = () => store().read((tx) => tx.githubApps.list());

  describe('a GitHub App', () => {
    test('is one per host, and listed by host', async () => {
      const [one, other] = [app(), app(somewhere('a.example'))];
      expect([await insert(one), await insert(other)]).toEqual([true, true]);
      expect(await insert(app({ appId: 7 }))).toBe(false);
      expect(await list()).toEqual([other, one]);
      expect(await store().read((tx) => tx.githubApps.find(one.host))).toEqual(one);
      expect(await store().read((tx) => tx.githubApps.find('b.example'))).toBeUndefined();
    });

    test('is replaced only where that was allowed, once, and in time', async () => {
      await insert(app());
      const next = app({ appId: 8 });
      expect(await replace(next, noon)).toBe(false);
      expect(await store().transaction((tx) => tx.githubApps.reopen(next.host, noon + 10))).toBe(true);
      expect(await replace(next, noon + 10)).toBe(false);
      expect(await replace(next, noon + 9)).toBe(true);
      expect(await replace(app({ appId: 9 }), noon + 9)).toBe(false);
      expect(await list()).toEqual([next]);
      expect(await store().transaction((tx) => tx.githubApps.reopen('b.example', noon))).toBe(false);
    });

    test('is removed once', async () => {
      await insert(app());
      const remove = () => store().transaction((tx) => tx.githubApps.remove(app().host));
      expect([await remove(), await remove(), await list()]).toEqual([true, false, []]);
    });
  });

  describe('a registration under way', () => {
    const take = (hash: string) => store().transaction((tx) => tx.githubApps.takeSetup(hash));

    test('is given to one of those who ask at the same moment', async () => {
      for (let round = 0; round < 10; round++) {
        const one = setup();
        await store().transaction((tx) => tx.githubApps.insertSetup(one));
        const taken = await Promise.all(Array.from({ length: 8 }, () => take(one.stateHash)));
        expect(taken.filter((each) => each !== undefined)).toEqual([one]);
      }
    });

    test('is forgotten when it has expired', async () => {
      const [dead, live] = [setup(), setup({ expiresAt: noon + 11 })];
      await store().transaction(async (tx) => {
        for (const one of [dead, live]) await tx.githubApps.insertSetup(one);
        await tx.githubApps.forgetSetups(noon + 10);
      });
      expect([await take(dead.stateHash), await take(live.stateHash)]).toEqual([undefined, live]);
    });
  });
}
