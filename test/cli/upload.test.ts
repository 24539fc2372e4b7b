import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { qgjob } from './support/cli.ts';
import { startFakeServer } from './support/fake-server.ts';
import { folderWith } from './support/project.ts';

const MiB = 1024 ** 2;
const tellPeak = "process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS))";

test('an app is sent from disk: memory does not grow with it', async () => {
  const server = await startFakeServer({
    putBlob: () => ({ status: 201, body: undefined }),
    registerAppVersion: ({ params, body }) => ({
      status: 201,
      body: { ...params, ...body, size_bytes: 400 * MiB, created_at: '2026-01-01T00:00:00.000Z' },
    }),
  });
  const cwd = folderWith({});
  writeFileSync(join(cwd, 'big.apk'), '');
  truncateSync(join(cwd, 'big.apk'), 400 * MiB);
  const { code, stderr } = await qgjob(['apps', 'upload', 'big.apk', '--org-id=o', '--server', server.url], {
    cwd,
    nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(tellPeak)}`],
  });
  expect(code).toBe(0);
  expect(server.asked.find((request) => request.route === 'putBlob')?.bytes).toBe(400 * MiB);
  const peakMiB = Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024;
  expect(peakMiB).toBeLessThan(300);
});

test('an upload that is cut off is sent again from its beginning', async () => {
  let cuts = 1;
  const server = await startFakeServer({
    putBlob: () => (cuts-- > 0 ? { raw: { status: 502, body: '' } } : { status: 201, body: undefined }),
    registerAppVersion: ({ params, body }) => ({
      status: 201,
      body: { ...params, ...body, size_bytes: 5, created_at: '2026-01-01T00:00:00.000Z' },
    }),
  });
  const cwd = folderWith({ 'app.apk': 'hello' });
  const { code } = await qgjob(['apps', 'upload', 'app.apk', '--org-id=o', '--server', server.url], { cwd });
  expect(code).toBe(0);
  expect(server.asked.filter((request) => request.route === 'putBlob').map((request) => request.bytes)).toEqual([5, 5]);
});
