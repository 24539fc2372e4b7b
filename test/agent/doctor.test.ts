import { expect, test, vi } from 'vitest';
import { examineMachine } from '../../agent/doctor.ts';
import { browserCache } from './support/execute.ts';
import { temporaryFolder } from './support/project.ts';

vi.setConfig({ testTimeout: 60_000 });

test('the doctor finds what an agent here would need, and says what to do about what is missing', async () => {
  const well = await examineMachine({ workDir: temporaryFolder() });
  expect(well.map(({ name }) => name)).toEqual(['node', 'npm', 'git', 'browser', 'disk']);
  expect(well.find(({ name }) => name === 'browser')).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/Chrom/),
  });
  const missing = await examineMachine({ workDir: `${browserCache}/not/there`, chromium: '/no/such/browser' });
  expect(missing.find(({ name }) => name === 'browser')).toEqual({
    name: 'browser',
    ok: false,
    detail: 'There is no browser at /no/such/browser.',
    advice: expect.stringContaining('--chromium'),
  });
});
