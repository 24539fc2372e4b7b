import { expect, test } from 'vitest';
import { type Gate, openGate } from '../agent/support/gate.ts';
import { type Step, startStep } from '../support/runner/run-step.ts';
import { over, runUntil, useBench } from './support/bench.ts';

const bench = useBench();

/** What is still there when the runner would send SIGTERM is ended at once: an exit code is then proof of an exit before. */
const signalTimes = { sigtermAfterMs: 7_500, sigkillAfterMs: 7_500 };
const queuedForEver = { target: 'device' };

async function gated(tests: string[], inputs: Record<string, string> = {}, given: Partial<Step> = {}) {
  const gate = await openGate(bench.server.url);
  const step = startStep(bench.step(tests, { 'server-url': gate.url, ...inputs }, { signalTimes, ...given }));
  return { gate, step };
}

const cancels = ({ seen }: Gate) => seen.filter(({ path }) => /^\/v1\/runs\/\w+\/cancel$/.test(path));
const submissions = ({ seen }: Gate) => seen.filter(({ method, path }) => method === 'POST' && path === '/v1/runs');
const completed = (id: string) => runUntil(bench.server, id, ({ status }) => status === 'completed');

/** Holds each request that fits, and tells of the first. */
function holdAt(gate: Gate, fits: (seen: { method: string; path: string }) => boolean) {
  const reached = Promise.withResolvers<void>();
  const freed = Promise.withResolvers<'pass'>();
  gate.decide((seen) => {
    if (!fits(seen)) return 'pass';
    reached.resolve();
    return freed.promise;
  });
  return { reached: reached.promise, free: () => freed.resolve('pass') };
}

test.each([
  ['asking whose the key is', /^\/v1\/whoami/, { 'org-id': '' }],
  ['uploading', /^\/v1\/blobs\//, {}],
])('cancelled while %s: nothing is submitted', async (_, path, inputs) => {
  const { gate, step } = await gated(['quick.spec.ts'], inputs);
  const held = holdAt(gate, (seen) => path.test(seen.path));
  await held.reached;
  step.cancel();
  const result = await over(step.ended);
  expect(result).toMatchObject({ exitCode: 1, conclusion: 'cancelled', outputs: {}, post: { exitCode: 0, lines: [] } });
  expect(result.outputs).not.toHaveProperty('run-id');
  expect(result.annotations).toMatchObject([{ message: 'The workflow run was cancelled.' }]);
  expect([...submissions(gate), ...cancels(gate)]).toEqual([]);
});

test.each(['true', 'false'])(
  'cancelled at the submission, with wait: %s: its run is cancelled as well',
  async (wait) => {
    const { gate, step } = await gated(['quick.spec.ts'], { ...queuedForEver, wait });
    const held = holdAt(gate, ({ method, path }) => method === 'POST' && path === '/v1/runs');
    await held.reached;
    step.cancel();
    held.free();
    const result = await over(step.ended);
    const id = result.outputs['run-id'] ?? '';
    expect(result).toMatchObject({ exitCode: 1, outputs: { conclusion: 'cancelled' } });
    expect(await completed(id)).toMatchObject({ conclusion: 'cancelled' });
    expect(cancels(gate).map(({ status }) => status)).toEqual([202, 202]);
  },
);

test('a submission that is never answered keeps nobody', async () => {
  const { gate, step } = await gated(['quick.spec.ts'], queuedForEver);
  const held = holdAt(gate, ({ method, path }) => method === 'POST' && path === '/v1/runs');
  await held.reached;
  step.cancel();
  expect(await over(step.ended)).toMatchObject({ exitCode: 1, conclusion: 'cancelled', post: { exitCode: 0 } });
});

test('cancelled in the queue: one request from main, the same once more from post', async () => {
  const { gate, step } = await gated(['quick.spec.ts'], queuedForEver);
  const [, id = ''] = await step.said(/^Submitted (run_\w+),/);
  step.cancel();
  const result = await over(step.ended);
  expect(result).toMatchObject({ exitCode: 1, conclusion: 'cancelled' });
  expect(result.outputs).toMatchObject({ 'run-id': id, conclusion: 'cancelled' });
  expect(result.lines).toContain(`Cancelled ${id}.`);
  expect(result.post).toMatchObject({ exitCode: 0, lines: [`${id} is cancelled.`] });
  expect(await completed(id)).toMatchObject({ conclusion: 'cancelled', jobs: [{ reason_code: 'cancelled_by_user' }] });
  expect(cancels(gate)).toHaveLength(2);
  expect(new Set(cancels(gate).map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
});

test('cancelled while tests run: they are ended on the device', async () => {
  const { step } = await gated(['hangs.spec.ts']);
  const [, id = ''] = await step.said(/^Submitted (run_\w+),/);
  await runUntil(bench.server, id, ({ status }) => status === 'running');
  step.cancel();
  expect(await over(step.ended)).toMatchObject({ exitCode: 1, outputs: { conclusion: 'cancelled' } });
  expect(await completed(id)).toMatchObject({
    conclusion: 'cancelled',
    jobs: [{ attempts: [{ outcome: 'cancelled' }] }],
  });
});

test('cancelled after the run has ended: nothing is left to cancel', async () => {
  const { gate, step } = await gated(['quick.spec.ts']);
  await step.said(/^qgjob passed/);
  step.cancel();
  const result = await over(step.ended);
  expect(result.post).toMatchObject({ exitCode: 0, lines: [] });
  expect(cancels(gate)).toEqual([]);
  expect(await completed(result.outputs['run-id'] ?? '')).toMatchObject({ conclusion: 'passed' });
});

test('what main could not do, killed without a word, post does', async () => {
  const { gate, step } = await gated(['quick.spec.ts'], queuedForEver, {
    signalTimes: { sigtermAfterMs: 0, sigkillAfterMs: 0 },
  });
  // so that main gets no further than this
  gate.decide(({ path }) => (/\/cancel$/.test(path) && cancels(gate).length === 0 ? 'cut' : 'pass'));
  const [, id = ''] = await step.said(/^Submitted (run_\w+),/);
  step.cancel();
  const result = await over(step.ended);
  expect(result.exitCode).toBe('SIGKILL');
  expect(result.post?.lines.at(-1)).toBe(`${id} is cancelled.`);
  expect(await completed(id)).toMatchObject({ conclusion: 'cancelled' });
});

test('with a server that is gone, main and post end in time and say who will cancel', async () => {
  const { gate, step } = await gated(['quick.spec.ts'], queuedForEver);
  const [, id = ''] = await step.said(/^Submitted (run_\w+),/);
  gate.decide(() => new Promise(() => {}));
  step.cancel();
  const result = await over(step.ended);
  const unconfirmed = `The server did not confirm that ${id} is cancelled; it will be when nobody has renewed its lease.`;
  expect(result).toMatchObject({ exitCode: 1, post: { exitCode: 0, lines: [unconfirmed] } });
  expect(result.lines).toContain(unconfirmed);
});

test('cancel-on-abort: false leaves the run alone', async () => {
  const { gate, step } = await gated(['quick.spec.ts'], { ...queuedForEver, 'cancel-on-abort': 'false' });
  const [, id = ''] = await step.said(/^Submitted (run_\w+),/);
  step.cancel();
  const result = await over(step.ended);
  expect(result).toMatchObject({ exitCode: 1, post: { lines: [] } });
  expect(result.lines).toContain(`${id} goes on, as cancel-on-abort is false.`);
  expect(cancels(gate)).toEqual([]);
});

test('a run whose runner is lost has a lease, which was renewed and which nobody renews any more', async () => {
  const { gate, step } = await gated(['quick.spec.ts'], queuedForEver);
  const renewed = await gate.until(({ path }) => /^\/v1\/runs\/\w+\/lease$/.test(path));
  step.loseRunner();
  expect(await step.ended).toMatchObject({ post: null });
  expect(renewed.status).toBe(200);
  const [submitted] = submissions(gate);
  expect(JSON.parse(String(submitted?.body))).toMatchObject({ client_lease_seconds: 120 });
  // what becomes of it then: test/usecases/time.test.ts
  expect(cancels(gate)).toEqual([]);
});
