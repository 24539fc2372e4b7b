import { randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Problem } from '../../contract/problem.ts';
import { startTestServer } from '../support/server.ts';
import { type Bed, startBed } from './support/bed.ts';

let bed: Bed;
let closed: string;
beforeAll(async () => {
  bed = await startBed();
  const pull = bed.github.openPullRequest(bed.shop);
  bed.github.closePullRequest(pull);
  closed = JSON.stringify(bed.hooks.pullRequest('closed', pull).payload);
});
afterAll(() => bed.stop());

const ofPull = { 'x-github-event': 'pull_request' };
const codeOf = async (response: Response) => Problem.parse(await response.json()).code;
const wordOf = async (response: Response) => [
  response.status,
  z.object({ delivery: z.string() }).parse(await response.json()).delivery,
];

describe('a delivery', () => {
  test('that GitHub signed is stored before it is answered 202', async () => {
    const guid = randomUUID();
    const answer = await bed.post(closed, { ...ofPull, 'x-github-delivery': guid });
    expect(await wordOf(answer)).toEqual([202, 'accepted']);
    expect(await bed.find(guid)).toMatchObject({ event: 'pull_request', action: 'closed', host: bed.host });
  });

  const badly: [string, Record<string, string | null>][] = [
    ['without a signature', { 'x-hub-signature-256': null }],
    ['with a signature of the old kind', { 'x-hub-signature-256': `sha1=${'0'.repeat(40)}` }],
    ['with half a signature', { 'x-hub-signature-256': `sha256=${'0'.repeat(63)}` }],
    ['with a signature in capitals', { 'x-hub-signature-256': `sha256=${'A'.repeat(64)}` }],
    ['with another signature', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
    ['of another App', { 'x-github-hook-installation-target-id': '1' }],
    ['of no App', { 'x-github-hook-installation-target-id': null }],
    ['of another host', { 'x-github-enterprise-host': 'github.evil.example' }],
  ];
  test.each(badly)('%s is 401, and nothing is kept of it', async (_, headers) => {
    const guid = randomUUID();
    const answer = await bed.post(closed, { ...ofPull, 'x-github-delivery': guid, ...headers });
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'unauthenticated']);
    expect(await bed.find(guid)).toBeUndefined();
  });

  test('changed on its way, or signed with another secret, is 401', async () => {
    const { find } = bed;
    const send = async (how: object) => {
      const pull = bed.github.openPullRequest(bed.shop);
      const sent = await bed.github.send(bed.hooks.pullRequest('synchronize', pull), how);
      return [sent.statusCode, await find(sent.guid)];
    };
    expect(await send({ tamper: (body: string) => body.replace('"synchronize"', '"closed"') })).toEqual([
      401,
      undefined,
    ]);
    expect(await send({ secret: 'another secret' })).toEqual([401, undefined]);
  });

  test('is proved before it is looked into: what is badly signed is never 400, 415 or a duplicate', async () => {
    const guid = randomUUID();
    await bed.post(closed, { ...ofPull, 'x-github-delivery': guid });
    const wrong = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
    const answers = [
      await bed.post('not JSON', wrong),
      await bed.post('{}', { ...wrong, 'content-type': 'text/plain' }),
      await bed.post(closed, { ...ofPull, ...wrong, 'x-github-delivery': guid }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  test('that is not JSON is 400, one of another content type 415, one without its names 400', async () => {
    const answers = [
      await bed.post('{"action":', ofPull),
      await bed.post('[]', ofPull),
      await bed.post(closed, { ...ofPull, 'content-type': 'application/x-www-form-urlencoded' }),
      await bed.post(closed, { ...ofPull, 'x-github-delivery': null }),
      await bed.post(closed, { 'x-github-event': 'Pull Request' }),
    ];
    expect(await Promise.all(answers.map(async (each) => [each.status, await codeOf(each)]))).toEqual([
      [400, 'malformed_json'],
      [400, 'malformed_request'],
      [415, 'unsupported_media_type'],
      [400, 'malformed_request'],
      [400, 'malformed_request'],
    ]);
  });

  test('of 25 MiB is taken, of one byte more it is 413', async () => {
    const frame = JSON.stringify({ action: 'x', filler: '' });
    const of = (bytes: number) => frame.replace('""', `"${'a'.repeat(bytes - frame.length)}"`);
    const largest = 25 * 1024 ** 2;
    expect(await wordOf(await bed.post(of(largest)))).toEqual([202, 'ignored']);
    expect((await bed.post(of(largest + 1))).status).toBe(413);
  });

  test('of an event that does not matter here is 202 and not kept', async () => {
    const guid = randomUUID();
    for (const event of ['ping', 'star', 'constructor']) {
      const answer = await bed.post(closed, { 'x-github-event': event, 'x-github-delivery': guid });
      expect(await wordOf(answer)).toEqual([202, 'ignored']);
    }
    const pull = bed.github.openPullRequest(bed.shop);
    const suite = bed.github.suite(bed.github.app, bed.shop, pull.headSha);
    for (const webhook of [bed.hooks.pullRequest('opened', pull), bed.hooks.checkSuite('requested', suite)])
      expect(await bed.find((await bed.github.send(webhook)).guid)).toBeUndefined();
    expect(await bed.find(guid)).toBeUndefined();
  });

  test('that comes again is a duplicate', async () => {
    const headers = { ...ofPull, 'x-github-delivery': randomUUID() };
    await bed.post(closed, headers);
    expect(await wordOf(await bed.post(closed, headers))).toEqual([202, 'duplicate']);
    await bed.handled(headers['x-github-delivery']);
    expect(await wordOf(await bed.post(closed, headers))).toEqual([202, 'duplicate']);
  });

  test('that cannot be understood is kept as failed, and gets another life when it comes again', async () => {
    const headers = { ...ofPull, 'x-github-delivery': randomUUID() };
    const strange = closed.replace('"number"', '"numero"').replaceAll('"number"', '"numero"');
    expect(await wordOf(await bed.post(strange, headers))).toEqual([202, 'accepted']);
    const kept = await bed.find(headers['x-github-delivery']);
    expect(kept).toMatchObject({ status: 'failed', note: expect.stringContaining('pull_request.number') });
    expect(await wordOf(await bed.post(closed, headers))).toEqual([202, 'accepted']);
    expect((await bed.handled(headers['x-github-delivery'])).status).toBe('ignored');
  });
});

test('while the secret is being rotated both are good', async () => {
  const { github } = bed.server.settings;
  const server = await startTestServer({
    github: github && { ...github, webhookSecrets: ['the new one', 'the old one'] },
  });
  try {
    const post = async (secret: string) => {
      const headers = {
        'content-type': 'application/json',
        'x-github-delivery': randomUUID(),
        'x-github-event': 'ping',
        'x-github-hook-installation-target-id': String(bed.github.app.id),
        'x-hub-signature-256': await sign(secret, '{}'),
      };
      return (await fetch(`${server.url}/webhooks/github`, { method: 'POST', body: '{}', headers })).status;
    };
    expect([await post('the new one'), await post('the old one'), await post('the one before')]).toEqual([
      202, 202, 401,
    ]);
  } finally {
    await server.stop();
  }
});

test('a server without an App says so', async () => {
  const server = await startTestServer();
  const answer = await fetch(`${server.url}/webhooks/github`, { method: 'POST', body: '{}' });
  expect([answer.status, await codeOf(answer)]).toEqual([501, 'not_available']);
  await server.stop();
});
