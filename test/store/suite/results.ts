import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TestResult } from '../../../contract/job.ts';
import type { Store } from '../../../server/store/store.ts';
import { attempt, event, job, newId, noon } from '../../support/records.ts';

/** What a test's title, an app or an agent may say. */
const hostile = [
  '\u0000',
  'before \u0000 after',
  '\\u0000',
  '\ud800 a lone high surrogate',
  'a lone low one \udc00',
  '👩‍👩‍👧‍👦 🇩🇪 é',
  '\u2028\u2029\ufeff\u202e',
  "'; drop table jobs; --",
  '"}]\'`$x',
  '$1 ? :name @name %s',
  '\u001b[31m\r\n\t\b',
  '123',
  'true',
  'null',
  '"quoted"',
  '{"a":1}',
  '[]',
  '',
  '😀'.repeat(16_384),
];

/** What came of the jobs, and what is told to those who watch. */
export function results(store: () => Store): void {
  describe('an attempt', () => {
    test('comes back as it was written, with every test', async () => {
      const jobId = newId('job');
      const first = attempt({ jobId, number: 1, outcome: 'failed', startedAt: null, resultHash: 'd'.repeat(64) });
      const second = attempt({
        jobId,
        number: 2,
        install: { result: 'installed', durationMs: 9500.5, reason: null },
        counts: { total: 2, passed: 1, failed: 0, flaky: 1, skipped: 0 },
        errors: [{ message: 'expected 1 to be 2', file: 'tests/a.spec.ts', line: 3, snippet: '> 3 | expect(1)' }],
        tests: [testResult('adds to the cart'), testResult('pays')],
      });
      await store().transaction(async (tx) => {
        await tx.jobs.insert([job({ id: jobId, runId: `run of ${jobId}` })]);
        await tx.results.insert(second);
        await tx.results.insert(first);
        await tx.results.insert(attempt({ jobId: newId('job') }));
      });
      const withoutTests = [first, second].map(({ tests, ...rest }) => rest);
      await store().read(async (tx) => {
        expect(await tx.results.find(jobId, 2)).toEqual(second);
        expect(await tx.results.find(jobId, 3)).toBeUndefined();
        expect(await tx.results.fullOfJob(jobId)).toEqual([first, second]);
        expect(await tx.results.fullOfRun(`run of ${jobId}`)).toEqual([first, second]);
        expect(await tx.results.ofJob(jobId)).toEqual(withoutTests);
        expect(await tx.results.ofRun(`run of ${jobId}`)).toEqual(withoutTests);
      });
    });

    test('is found by the run that its job was carried over into', async () => {
      const [ran, alone] = [job({ runId: newId('run') }), job({ runId: newId('run') })];
      const carried = job({ runId: newId('run'), carriedFrom: ran.id });
      const [first, second] = [attempt({ jobId: ran.id }), attempt({ jobId: ran.id, number: 2 })];
      await store().transaction(async (tx) => {
        await tx.jobs.insert([ran, carried, alone]);
        for (const each of [second, first, attempt({ jobId: alone.id })]) await tx.results.insert(each);
      });
      const full = (runId: string) => store().read((tx) => tx.results.fullOfRun(runId));
      expect(await full(carried.runId)).toEqual([first, second]);
      expect(await full(ran.runId)).toEqual([first, second]);
    });

    test('has a number that no other attempt of its job may take', async () => {
      const one = attempt({ jobId: newId('job') });
      await store().transaction((tx) => tx.results.insert(one));
      const again = store().transaction((tx) => tx.results.insert({ ...one, outcome: 'failed' }));
      await expect(again).rejects.toThrow();
      expect(await store().read((tx) => tx.results.find(one.jobId, one.number))).toEqual(one);
    });
  });

  describe('text from tests', () => {
    test('comes back to the character, whatever it holds', async () => {
      for (const text of hostile) await roundTrip(store(), text);
    });

    test('comes back to the character, for any text', { timeout: 60_000 }, async () => {
      const text = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 200 });
      await fc.assert(
        fc.asyncProperty(text, (each) => roundTrip(store(), each)),
        { numRuns: 50 },
      );
    });

    test('is kept as an event or an answer of its own, not only inside one', async () => {
      const runId = newId('run');
      const values = [...hostile, 0, 1.5, true, false, null, [], [null], { '': { '\u0000': '\u0000' } }];
      await store().transaction(async (tx) => {
        for (const [i, data] of values.entries()) {
          await tx.results.insertEvent(event({ runId, version: i + 1, data }));
          await tx.accounts.insertAnswer({
            scope: runId,
            key: String(i),
            requestHash: 'h',
            answer: data,
            createdAt: noon,
          });
        }
      });
      await store().read(async (tx) => {
        const events = await tx.results.eventsSince(runId, 0, 100);
        expect(events.map(({ data }) => data)).toEqual(values);
        for (const [i, answer] of values.entries()) {
          expect(await tx.accounts.findAnswer(runId, String(i))).toEqual({ requestHash: 'h', answer });
        }
      });
    });
  });

  describe('events', () => {
    test('come after a version, in the order of versions and then of telling, at most as many as asked', async () => {
      const runId = newId('run');
      const told = [
        event({ runId, version: 2, data: 'a' }),
        event({ runId, version: 3, data: 'b', type: 'device' }),
        event({ runId, version: 3, data: 'c' }),
        event({ runId, version: 5, data: 'd' }),
      ];
      await store().transaction(async (tx) => {
        for (const each of [...told, event({ runId: newId('run'), version: 4 })]) await tx.results.insertEvent(each);
      });
      const since = (version: number, limit: number) =>
        store().read((tx) => tx.results.eventsSince(runId, version, limit));
      expect(await since(0, 10)).toEqual(told);
      expect(await since(2, 10)).toEqual(told.slice(1));
      expect(await since(2, 2)).toEqual(told.slice(1, 3));
      expect(await since(5, 10)).toEqual([]);
    });
  });
}

async function roundTrip(store: Store, text: string): Promise<void> {
  const whole = attempt({
    jobId: newId('job'),
    install: { result: 'failed', durationMs: 1, reason: text },
    errors: [{ message: text, snippet: text }],
    tests: [testResult(text)],
  });
  await store.transaction((tx) => tx.results.insert(whole));
  expect(await store.read((tx) => tx.results.find(whole.jobId, whole.number))).toEqual(whole);
}

function testResult(title: string): TestResult {
  return {
    id: 'a-1',
    title,
    title_path: ['shop', title],
    file: 'tests/a.spec.ts',
    line: 3,
    status: 'flaky',
    retry: 1,
    duration_ms: 12.75,
    errors: [{ message: title }],
    attachments: [{ name: 'video', content_type: 'video/webm', sha256: 'e'.repeat(64) }],
  };
}
