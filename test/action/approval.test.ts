import { expect, test } from 'vitest';
import { runStep } from '../support/runner/run-step.ts';
import { over, runUntil, useBench } from './support/bench.ts';

const bench = useBench({ isIdle: true });

test("a fork's commit waits for a maintainer and the step does not: the run is held until it is approved", async () => {
  const event = {
    name: 'workflow_run',
    payload: {
      workflow_run: { head_sha: 'f'.repeat(40), head_repository: { full_name: 'somebody/shop' } },
      repository: { id: 1, full_name: 'octo-org/shop' },
    },
  };
  const result = await over(runStep(bench.step(['passes.spec.ts'], {}, { event })));
  expect(result).toMatchObject({ exitCode: 0, outputs: { status: 'awaiting-approval' }, post: { lines: [] } });
  expect(result.annotations).toMatchObject([{ kind: 'notice', message: expect.stringContaining('/qgjob run') }]);
  expect(result.summary).toContain('waits for a maintainer');

  const id = result.outputs['run-id'] ?? '';
  const held = await runUntil(bench.server, id, () => true);
  expect(held).toMatchObject({ status: 'queued', awaiting_approval: true, github: { head_sha: 'f'.repeat(40) } });
  const { body: approved } = await bench.org.admin.approveRun({ params: { id } });
  expect(approved).toMatchObject({ status: 'queued', awaiting_approval: false, reason: null });
});
