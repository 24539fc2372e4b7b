import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { looksLikeApiKey } from '../../server/domain/api-key.ts';
import { startServer } from '../../server/main.ts';
import { isOpen } from '../http/open-files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
let running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
});

/** The settings of a server that has no key yet. */
async function settingsWithoutKey(name: string) {
  const server = await startTestServer();
  await server.stop();
  return {
    ...server.settings,
    bootstrapKey: null,
    database: folder.file(`${name}.db`),
    blobFolder: folder.file(`${name}-blobs`),
  };
}

async function start(settings: TestServer['settings']) {
  const server = await startServer(settings);
  running.push(server);
  return server;
}

const whoAmI = (url: string, key: string) => fetch(`${url}/v1/whoami`, { headers: { authorization: `Bearer ${key}` } });

describe('starting', () => {
  test('on loopback without any key makes the operator’s key, once', async () => {
    const settings = await settingsWithoutKey('fresh');
    const first = await start(settings);
    const key = first.operatorKey ?? '';
    expect(looksLikeApiKey(key)).toBe(true);
    expect(await (await whoAmI(first.url, key)).json()).toMatchObject({ org_id: null, role: 'admin' });
    await first.stop();
    const second = await start(settings);
    expect(second.operatorKey).toBeNull();
    expect((await whoAmI(second.url, key)).status).toBe(200);
  });

  test('with a key given makes that one known and no other', async () => {
    const settings = { ...(await settingsWithoutKey('given')), bootstrapKey: 'chosen-by-the-operator' };
    const server = await start(settings);
    expect(server.operatorKey).toBeNull();
    expect((await whoAmI(server.url, 'chosen-by-the-operator')).status).toBe(401);
    expect((await whoAmI(server.url, 'chosen-by-the-operator-1')).status).toBe(401);
    await server.stop();
    const long = await start({ ...settings, bootstrapKey: 'chosen-by-the-operator-1' });
    expect((await whoAmI(long.url, 'chosen-by-the-operator-1')).status).toBe(200);
  });

  test('where others can reach it, without any key, is refused', async () => {
    const settings = { ...(await settingsWithoutKey('open')), host: '0.0.0.0' };
    await expect(startServer(settings)).rejects.toThrow('QGJOB_BOOTSTRAP_KEY');
  });

  test('on a port that is taken says which, and leaves nothing open', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const settings = { ...(await settingsWithoutKey('taken')), port };
    await expect(startServer(settings)).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
    expect(isOpen(settings.database)).toBe(false);
    await start({ ...settings, port: 0 });
    expect(isOpen(settings.database)).toBe(true);
  });

  test('where blobs cannot be kept is refused', async () => {
    const settings = await settingsWithoutKey('blobless');
    await expect(startServer({ ...settings, blobFolder: '/dev/null/blobs' })).rejects.toThrow(/ENOTDIR|EEXIST/);
  });

  test('makes the folder of its database', async () => {
    const database = folder.file('deep/er/qgjob.db');
    await start({ ...(await settingsWithoutKey('deep')), database });
    expect(existsSync(database)).toBe(true);
  });

  test('tells its own address, or the public one where it is told', async () => {
    const server = await startTestServer({ publicUrl: 'https://ci.example.com/qgjob' });
    running.push(server);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const { body } = await server.operator.submitRun({
      body: { org_id: 'acme', app_version_id: '1', target: 'device', tests: ['a.spec.ts'] },
    });
    expect(body.url).toBe(`https://ci.example.com/qgjob/runs/${body.id}`);
  });
});
