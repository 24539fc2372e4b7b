import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStays } from '../../server/usecases/stays.ts';
import { must, openScenario, type Scenario } from '../support/scenario.ts';

let s: Scenario;
beforeEach(async () => {
  s = await openScenario('SQLite');
  s.deps.stays = createStays(1000);
});
afterEach(() => s.close());

const files = (count: number) => Array.from({ length: count }, (_, i) => `${i}.spec.ts`);

test('a device that may stay is not asked again within a second, and then is, also while its files are short', async () => {
  const agent = await s.agent(['d1']);
  await s.submit({ tests: files(9) });
  const claimed = must(await s.claim(agent, 'd1'));
  await s.submit({ tests: files(1), app_version_id: 'v2', priority: 8 });
  const finish = async (id: string) => (await s.finish(claimed, id, 'passed', { next: 1, durationMs: 60_000 })).jobs;
  let jobs = await finish(must(claimed.jobs[0]).id);
  expect(jobs).toHaveLength(1);
  s.pass(600);
  jobs = await finish(must(jobs[0]).id);
  expect(jobs).toHaveLength(1);
  s.pass(400);
  expect(await finish(must(jobs[0]).id)).toEqual([]);
});

test('a job that failed on the device is not taken back unasked while another device could have it', async () => {
  const [mine, other] = [await s.agent(['d1']), await s.agent(['d2'])];
  await s.submit({ tests: files(2), retries: { test: 1 } });
  const claimed = must(await s.claim(mine, 'd1'));
  const [first] = claimed.jobs;
  await s.submit({ tests: ['other.spec.ts'], app_version_id: 'v2' });
  must(await s.claim(other, 'd2'));
  const { jobs } = await s.finish(claimed, must(first).id, 'failed', { next: 1 });
  expect(jobs.map(({ testPath }) => testPath)).toEqual(['1.spec.ts']);
  const after = await s.finish(claimed, must(jobs[0]).id, 'passed', { next: 1 });
  expect(after.jobs).toEqual([]);
});

test('what is over is forgotten, and a clock that was set back makes no answer hold for ever', () => {
  const stays = createStays(1000);
  stays.note('old', 0);
  stays.note('new', 5000);
  expect([stays.holds('old', 500), stays.holds('new', 5999), stays.holds('new', 6000)]).toEqual([false, true, false]);
  expect(stays.holds('new', 4000)).toBe(false);
  expect(stays.holds('never noted', 0)).toBe(false);
});
