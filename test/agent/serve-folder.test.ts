import { symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serveFolder } from '../../agent/devices/serve-folder.ts';
import { temporaryFolder, writeFiles } from './support/project.ts';

interface Answer {
  status: number;
  type: string | undefined;
  body: string;
}

/** A request whose path is sent as it is, which fetch would tidy up. */
function raw(url: string, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(`${url}/`, { path, headers, method }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        resolve({
          status: answer.statusCode ?? 0,
          type: answer.headers['content-type'],
          body: Buffer.concat(chunks).toString(),
        });
      });
    })
      .once('error', reject)
      .end();
  });
}

async function site(files: Record<string, string>) {
  const dir = temporaryFolder();
  writeFiles(dir, {
    secret: 'not yours',
    ...Object.fromEntries(Object.entries(files).map(([p, t]) => [`site/${p}`, t])),
  });
  const server = await serveFolder();
  onTestFinished(() => server.close());
  server.serve(join(dir, 'site'));
  return { dir, server, get: (path: string, headers = {}) => raw(server.url, path, headers) };
}

describe('the web server of a device', () => {
  test('serves the files of the build with their types, and folders by their index', async () => {
    const { get } = await site({
      'index.html': 'home',
      'a/index.html': 'a',
      'a/b c.js': 'js',
      'x.WASM': 'w',
      noext: '?',
    });
    expect(await get('/')).toEqual({ status: 200, type: 'text/html; charset=utf-8', body: 'home' });
    expect(await get('/a/')).toMatchObject({ body: 'a' });
    expect(await get('/a/b%20c.js?v=1')).toEqual({ status: 200, type: 'text/javascript; charset=utf-8', body: 'js' });
    expect(await get('/x.WASM')).toMatchObject({ type: 'application/wasm' });
    expect(await get('/noext')).toMatchObject({ status: 200, type: 'application/octet-stream' });
  });

  test('answers pages of a single-page app with its index, but neither missing files nor other requests', async () => {
    const { get, server } = await site({ 'index.html': 'home' });
    const page = { accept: 'text/html,application/xhtml+xml' };
    expect(await get('/orders/17', page)).toMatchObject({ status: 200, body: 'home' });
    expect((await get('/orders/17')).status).toBe(404);
    expect((await get('/missing.js', page)).status).toBe(404);
    expect((await raw(server.url, '/', {}, 'POST')).status).toBe(405);
  });

  test('gives nothing from outside the folder, however it is asked', async () => {
    const { get, dir } = await site({ 'index.html': 'home' });
    symlinkSync(join(dir, 'secret'), join(dir, 'site', 'link'));
    const paths = [
      '/../secret',
      '/%2e%2e/secret',
      '/..%2fsecret',
      '/..%5csecret',
      '//etc/passwd',
      '/link',
      '/%00',
      '/%',
      '/a/../../secret',
    ];
    for (const path of paths) {
      const { status, body } = await get(path);
      expect([path, status >= 400, body]).toEqual([path, true, '']);
    }
  });

  test('serves another build at the same address, and none when there is none', async () => {
    const { server, get } = await site({ 'index.html': 'one' });
    const other = temporaryFolder();
    writeFiles(other, { 'index.html': 'two' });
    server.serve(other);
    expect((await get('/')).body).toBe('two');
    server.serve(null);
    expect((await get('/')).status).toBe(404);
  });
});
