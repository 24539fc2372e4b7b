import { describe, expect, test } from 'vitest';
import { renderCheck } from '../../server/domain/check/check.ts';
import { hostileTexts } from '../support/hostile-text.ts';
import { activeNodes } from '../support/markdown.ts';
import { aCheckJob, aFailedTest, aView, ownLinks } from './check-views.ts';
import { aTest } from './factories.ts';

const texts = hostileTexts(20_000);

function activeIn(view: Parameters<typeof renderCheck>[0]): string[] {
  const { title, summary, text } = renderCheck(view);
  return [title, summary, text].flatMap((markdown) => activeNodes(markdown, { links: ownLinks }));
}

/** Jobs that fail; that flake, fail in quarantine and are carried over; that lose their device. All texts are the same. */
function hostileJobs(text: string) {
  const place = { file: text, line: 3 };
  const hostile = { title: text, title_path: [text], errors: [{ message: text, ...place, snippet: text }], file: text };
  const words = { testPath: text, reason: text };
  const flaky = aTest({ ...hostile, id: 'flaky', status: 'flaky' });
  const carried = { job: { ...words, carriedFrom: 'job_0' }, attempt: { device: text }, carriedFromRun: 'run_0' };
  return [
    aCheckJob([aFailedTest(hostile)], { job: words, attempt: { device: text, agent: text } }),
    aCheckJob([aFailedTest(hostile), flaky], { ...carried, job: { ...carried.job, conclusion: 'passed' } }),
    aCheckJob([], {
      job: { ...words, conclusion: 'infra_error', reasonCode: 'infrastructure' },
      attempt: { outcome: 'infra_error', errors: [{ message: text, ...place }], device: text },
    }),
  ];
}

/** The attacks by themselves go through every field; of what is made of them, each through some, and every field gets all kinds. */
const whole = 500;

// each of them is parsed as GitHub parses it, which takes a minute
describe('20,000 hostile texts', { timeout: 300_000 }, () => {
  test('are inert wherever a job may hold them', () => {
    expect(texts).toHaveLength(20_000);
    for (let at = 0; at < texts.length; at += 16) {
      const jobs = texts.slice(at, at + 16).flatMap((text, n) => {
        const kinds = hostileJobs(text);
        return at < whole ? kinds : kinds.slice(n % 3, (n % 3) + 1);
      });
      expect(activeIn(aView(jobs)), `texts from ${at}`).toEqual([]);
    }
  });

  test('are inert wherever a run may hold them', () => {
    for (let at = 0; at < texts.length; at += at < whole ? 1 : 4) {
      const [reason = '', appVersionId = reason, summary = reason, project_dir = reason] =
        at < whole ? texts.slice(at, at + 1) : texts.slice(at, at + 4);
      const github = { repository: 'octo/shop', project_dir };
      const run = { status: 'queued' as const, conclusion: null, reason, appVersionId, github };
      expect(activeIn(aView([], { run, wait: { summary, etaSeconds: 90, suggestions: [] } })), `text ${at}`).toEqual(
        [],
      );
    }
  });
});
