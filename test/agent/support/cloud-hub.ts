import { onTestFinished } from 'vitest';
import { addressesOf, authorizationOf, createBrowserstackApi } from '../../../agent/browserstack/api.ts';
import type { CloudJob } from '../../../agent/browserstack/hub/cloud-job.ts';
import { startCloudHub } from '../../../agent/browserstack/hub/hub.ts';
import { createSessionFiles } from '../../../agent/browserstack/hub/session-files.ts';
import { createUpstream } from '../../../agent/browserstack/hub/upstream.ts';
import type { BrowserstackStub } from './browserstack.ts';
import { temporaryFolder } from './project.ts';

/** A hub of the stub's account, as an agent starts it. `folder` has the open sessions of agents before it. */
export async function hubOf(stub: BrowserstackStub, { holdMs = 20_000, folder = temporaryFolder() } = {}) {
  const account = { username: stub.username, accessKey: stub.accessKey };
  const addresses = addressesOf({ apiUrl: `${stub.url}/`, hubUrl: stub.url });
  const hub = await startCloudHub({
    upstream: createUpstream({ ...addresses, authorization: authorizationOf(account) }),
    api: createBrowserstackApi({ ...account, ...addresses }),
    files: createSessionFiles(folder),
    log: () => undefined,
    holdMs,
  });
  onTestFinished(() => hub.stop());
  const said: string[] = [];
  const job = { sessionName: 'tests/a.spec.ts', buildName: 'acme v1', app: 'bs://1' };
  const open = () => hub.open({ ...job, say: (line) => said.push(line) });
  /** Asks as a runner does that was given this token for a key. */
  const ask = (token: string, method: string, path: string, json?: unknown, signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${hub.port}${path}`, {
      method,
      headers: { authorization: authorizationOf({ username: 'qgjob', accessKey: token }) },
      body: json === undefined ? null : JSON.stringify(json),
      signal: signal ?? null,
    });
  const wanted = {
    capabilities: {
      alwaysMatch: {
        'appium:app': 'qgjob-other-organisation',
        'appium:otherApps': ['bs://2'],
        'bstack:options': { buildName: 'project android', midSessionInstallApps: ['bs://3'] },
      },
      firstMatch: [{ 'appium:app': 'bs://4' }],
    },
  };
  const newSession = async ({ token }: CloudJob, signal?: AbortSignal) => {
    const answer = await ask(token, 'POST', '/wd/hub/session', wanted, signal);
    const text = await answer.text();
    return { status: answer.status, text, id: /"sessionId":"(\w+)"/.exec(text)?.[1] ?? '' };
  };
  return { hub, open, ask, newSession, said, folder };
}
