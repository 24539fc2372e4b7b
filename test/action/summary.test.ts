import { describe, expect, test } from 'vitest';
import { annotationsOf } from '../../action/annotations.ts';
import { renderSummary } from '../../action/summary.ts';
import type { CheckJob } from '../../server/domain/check/view.ts';
import { presentReport } from '../../server/http/present.ts';
import { aCheckJob, aFailedTest, aView, ownLinks, publicUrl, sha } from '../domain/check-views.ts';
import { aTest } from '../domain/factories.ts';
import { hostileTexts } from '../support/hostile-text.ts';
import { activeNodes } from '../support/markdown.ts';

const place = { projectDir: 'e2e', blobUrl: `https://github.com/octo/shop/blob/${sha}/` };

/** The same report as a client gets it. */
function reportOf(jobs: CheckJob[], run: Parameters<typeof aView>[1] = {}) {
  const view = aView(jobs, run);
  return presentReport(
    { run: view.run, check: null, jobs: jobs.map((job) => ({ ...job, run: view.run, attempts: [...job.attempts] })) },
    publicUrl,
  );
}

function hostileJobs(text: string): CheckJob[] {
  const title = { title: text, title_path: [text], file: text };
  const errors = [{ message: `${text}\n${text}`, file: text, line: 3 }];
  const job = { testPath: text, reason: text };
  return [
    aCheckJob([aFailedTest({ ...title, errors })], { job, attempt: { device: text } }),
    aCheckJob([aTest({ ...title, status: 'flaky' })], { job }),
    aCheckJob([aTest(title)], { job: { ...job, carriedFrom: 'job_0' } }),
    aCheckJob([], { job: { ...job, conclusion: 'infra_error' }, attempt: { outcome: 'infra_error', device: text } }),
  ];
}

describe("the Action's summary", () => {
  test('shows 2,000 hostile texts as text only', { timeout: 120_000 }, () => {
    const texts = hostileTexts(2000);
    for (let at = 0; at < texts.length; at += 8) {
      const some = texts.slice(at, at + 8);
      const run = { reason: some[0] ?? '', appVersionId: some[1] ?? '' };
      const markdown = renderSummary(reportOf(some.flatMap(hostileJobs), { run }), place);
      expect(activeNodes(markdown, { links: ownLinks }), `texts from ${at}`).toEqual([]);
    }
  });

  test('links failures to their lines in the repository', () => {
    const markdown = renderSummary(reportOf([aCheckJob([aFailedTest()])]), place);
    expect(markdown).toContain(`(${place.blobUrl}e2e/tests/checkout.spec.ts#L14)`);
  });
});

describe("the Action's annotations", () => {
  test('put down to the infrastructure what failed in an attempt that it ended', () => {
    const job = {
      conclusion: 'infra_error' as const,
      reasonCode: 'infrastructure' as const,
      reason: 'adb: device offline',
    };
    const lost = aCheckJob([aFailedTest()], { job, attempt: { outcome: 'infra_error' } });
    expect(annotationsOf(reportOf([lost]), 'e2e')).toMatchObject([{ title: 'Infrastructure, not a test' }]);
  });
});
