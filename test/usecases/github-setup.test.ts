import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecrets } from '../../server/secrets/keyed-secrets.ts';
import { beginGithubSetup } from '../../server/usecases/begin-github-setup.ts';
import { completeGithubSetup } from '../../server/usecases/complete-github-setup.ts';
import { createAppSource } from '../../server/usecases/github-credentials.ts';
import { removeGithubApp, reopenGithubApp } from '../../server/usecases/manage-github-apps.ts';
import type { RegistrationDeps } from '../../server/usecases/registration.ts';
import { engines, openScenario, operator } from '../support/scenario.ts';

const hourMs = 3_600_000;
const host = 'github.acme.example';

describe.each(engines)('registering GitHub Apps on %s', (engine) => {
  let scenario: Awaited<ReturnType<typeof openScenario>>;
  let deps: RegistrationDeps;
  let converted: string[];
  beforeAll(async () => {
    scenario = await openScenario(engine);
    const secrets = createSecrets({ key: randomBytes(32), keyFile: null });
    converted = [];
    let lastId = 100;
    deps = {
      ...scenario.deps,
      registration: {
        secrets,
        configured: null,
        publicUrl: 'https://qgjob.acme.example',
        github: scenario.deps.github,
        changed: async () => {},
        async convert(apiUrl, code) {
          converted.push(`${apiUrl} ${code}`);
          const appId = ++lastId;
          const made = { appId, slug: `qgjob-${appId}`, name: 'qgjob', clientId: 'Iv23' };
          return { ...made, privateKey: `key of ${appId}`, webhookSecret: `secret of ${appId}` };
        },
      },
    };
  });
  afterAll(() => scenario?.close());

  async function begin(browser = 'b'.repeat(32), replaces = false): Promise<string> {
    const form = { address: host, organization: '', hasMergeQueue: true, replaces };
    const { action } = await beginGithubSetup(deps, operator, form, browser);
    return new URL(action).searchParams.get('state') ?? '';
  }
  const complete = (state: string, browser = 'b'.repeat(32)) =>
    completeGithubSetup(deps, operator, { code: `code-${state}`, state }, browser);
  const load = () => {
    const { store, registration } = deps;
    const onUnreadable = (_: string, error: unknown) => expect.unreachable(String(error));
    return createAppSource({ store, secrets: registration.secrets, configured: null, onUnreadable })();
  };

  test('a state is good for an hour, and not a moment longer', async () => {
    const [early, late] = [await begin(), await begin()];
    scenario.pass(hourMs - 1);
    await complete(early);
    await removeGithubApp(deps, operator, host);
    scenario.pass(1);
    await expect(complete(late)).rejects.toMatchObject({ code: 'setup_refused' });
    expect(converted.some((call) => call.includes(late))).toBe(false);
  });

  test('a state is good for the key that it was begun with alone', async () => {
    const state = await begin();
    const other = { ...operator, keyId: 'key_other' };
    const stolen = completeGithubSetup(deps, other, { code: `code-${state}`, state }, 'b'.repeat(32));
    await expect(stolen).rejects.toMatchObject({ code: 'setup_refused' });
    expect(converted.some((call) => call.includes(state))).toBe(false);
  });

  test('the code goes to the GitHub that the registration was begun for', async () => {
    converted.length = 0;
    const state = await begin();
    await complete(state);
    expect(converted).toEqual([`https://${host}/api/v3 code-${state}`]);
    await removeGithubApp(deps, operator, host);
  });

  test('of several registrations that end at the same moment one is kept, whole', async () => {
    for (let round = 0; round < 5; round++) {
      const states = await Promise.all(Array.from({ length: 6 }, () => begin()));
      const ended = await Promise.allSettled(states.map((state) => complete(state)));
      expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const [app, ...others] = await load();
      expect(others).toEqual([]);
      expect(app).toMatchObject({ privateKey: `key of ${app?.appId}`, webhookSecrets: [`secret of ${app?.appId}`] });
      await removeGithubApp(deps, operator, host);
    }
  });

  test('a replacement that comes after the hour leaves the App as it was', async () => {
    await complete(await begin());
    await reopenGithubApp(deps, operator, host);
    scenario.pass(hourMs - 10);
    const state = await begin(undefined, true);
    const [before] = await load();
    scenario.pass(10);
    await expect(complete(state)).rejects.toMatchObject({ code: 'github_app_exists' });
    expect(await load()).toEqual([before]);
    await removeGithubApp(deps, operator, host);
  });

  test('the App of the settings is the only one of its host, whatever was registered before', async () => {
    await complete(await begin());
    const at = { host, webUrl: `https://${host}`, apiUrl: `https://${host}/api/v3` };
    const configured = { ...at, appId: 1, privateKey: 'its key', webhookSecrets: ['its secret'] };
    const { store, registration } = deps;
    const source = createAppSource({ store, secrets: registration.secrets, configured, onUnreadable: () => {} });
    expect(await source()).toEqual([configured]);
    await removeGithubApp(deps, operator, host);
  });

  test('without a key to seal with nothing is begun', async () => {
    const unsafe: RegistrationDeps = {
      ...deps,
      registration: { ...deps.registration, secrets: createSecrets({ key: null, keyFile: null }) },
    };
    const form = { address: host, organization: '', hasMergeQueue: true, replaces: false };
    await expect(beginGithubSetup(unsafe, operator, form, 'b')).rejects.toMatchObject({ code: 'not_available' });
  });
});
