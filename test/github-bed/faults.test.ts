import { describe, expect, test } from 'vitest';
import { annotations, ask, shop } from './support/client.ts';

const patchRoute = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
const output = { output: { title: 'T', summary: 'S', annotations: annotations(50) } };

describe('a fault', () => {
  test('hits the next request of its route, as often as told, after as many as told', async () => {
    const { github, post, patch } = await shop();
    const { body } = await post({});
    const armed = github.faults.arm({ kind: 'status', status: 502 }, { route: patchRoute, times: 2, after: 1 });
    const statuses = [];
    for (let i = 0; i < 4; i++)
      statuses.push((await patch(body.id, { status: 'in_progress' })).status, (await post({})).status);
    expect(statuses).toEqual([200, 201, 502, 201, 502, 201, 200, 201]);
    expect(armed.hits).toBe(2);
    expect(github.requests.filter(({ fault }) => fault !== null)).toMatchObject([{ status: 502 }, { status: 502 }]);
  });

  test('can come after the request took effect, so that a blind repeat doubles the annotations', async () => {
    const { github, post, patch, ask: inShop } = await shop();
    const { body } = await post({});
    for (const fault of [{ kind: 'reset' }, { kind: 'status', status: 502 }] as const) {
      github.faults.arm({ ...fault, committed: true }, { route: patchRoute });
      await patch(body.id, output).catch(() => undefined);
    }
    expect((await inShop(`/check-runs/${body.id}`)).body).toMatchObject({ output: { annotations_count: 100 } });
    github.faults.arm({ kind: 'reset' }, { route: patchRoute });
    await expect(patch(body.id, output)).rejects.toThrow('fetch failed');
    expect((await inShop(`/check-runs/${body.id}`)).body).toMatchObject({ output: { annotations_count: 100 } });
  });

  test('can be no answer at all', async () => {
    const { github, token } = await shop();
    github.faults.arm({ kind: 'hang' });
    const signal = AbortSignal.timeout(100);
    const given = fetch(`${github.apiUrl}/rate_limit`, { signal, headers: { authorization: `Bearer ${token}` } });
    await expect(given).rejects.toThrow('timeout');
    expect(github.requests.at(-1)).toMatchObject({ fault: 'hang', status: null });
  });

  test('can be slowness, or credentials refused once', async () => {
    const { github, ask: inShop } = await shop();
    github.faults.arm({ kind: 'slow', delayMs: 100 });
    const began = performance.now();
    expect((await inShop('')).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(99);
    github.faults.arm({ kind: 'unauthorized' });
    expect([(await inShop('')).status, (await inShop('')).status]).toEqual([401, 200]);
  });

  test('can be everything, until it is over', async () => {
    const { github, ask: inShop } = await shop();
    github.faults.outage({ kind: 'status', status: 503 });
    expect([(await inShop('')).status, (await inShop('/pulls')).status]).toEqual([503, 503]);
    github.faults.outage({ kind: 'reset' });
    await expect(inShop('')).rejects.toThrow('fetch failed');
    github.faults.outage(null);
    expect((await inShop('')).status).toBe(200);
  });
});

describe('a rate limit', () => {
  test('names when to come back, and who comes before is noted', async () => {
    const { github, ask: inShop } = await shop();
    github.faults.arm({ kind: 'secondary-limit', retryAfterSeconds: 60 });
    const limited = await inShop('');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([403, '60']);
    expect(limited.body.message).toContain('secondary rate limit');
    expect(github.tooEarly()).toEqual([]);
    await inShop('/pulls');
    expect(github.tooEarly()).toMatchObject([{ path: '/repos/acme/shop/pulls' }]);
    github.shiftClock(60_000);
    await inShop('');
    expect(github.tooEarly()).toHaveLength(1);
  });

  test('without retry-after means at least a minute', async () => {
    const { github, ask: inShop } = await shop();
    github.faults.arm({ kind: 'secondary-limit', status: 429 });
    const limited = await inShop('');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, null]);
    github.shiftClock(59_000);
    await inShop('');
    github.shiftClock(1_000);
    await inShop('');
    expect(github.tooEarly()).toHaveLength(1);
  });

  test('that is used up says so with its reset', async () => {
    const { github, installation, ask: inShop } = await shop();
    github.faults.arm({ kind: 'primary-limit', resetInMs: 90_000 });
    const { status, headers } = await inShop('');
    expect([status, headers.get('x-ratelimit-remaining')]).toEqual([403, '0']);
    expect(Number(headers.get('x-ratelimit-reset')) * 1_000 - Date.now()).toBeGreaterThan(80_000);
    await inShop('');
    expect(github.tooEarly()).toMatchObject([{ installationId: installation.id }]);
  });
});

describe('the pace of writes', () => {
  test('is told per installation: how far apart, how many at once', async () => {
    let clock = Date.now();
    const { github, installation, token, post } = await shop({ now: () => clock, latencyMs: 20 });
    expect(github.pace()).toEqual({ writes: 0, smallestGapMs: Infinity, mostAtOnce: 0 });
    await post({});
    clock += 1_000;
    await post({});
    clock += 1_500;
    await post({});
    await ask(`${github.apiUrl}/repos/acme/shop`, { token });
    expect(github.pace(installation.id)).toEqual({ writes: 3, smallestGapMs: 1_000, mostAtOnce: 1 });
    expect(github.pace(installation.id + 1).writes).toBe(0);
    await Promise.all([post({}), post({})]);
    expect(github.pace()).toMatchObject({ writes: 5, smallestGapMs: 0, mostAtOnce: 2 });
  });
});
