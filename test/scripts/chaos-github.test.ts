import { expect, test } from 'vitest';
import { simulateOutage } from '../../scripts/chaos/github-outage.ts';

test('after ten minutes without GitHub every check run is right within five, none doubled, no limit passed over', async () => {
  const { broken, figures } = await simulateOutage({ runs: 60, installations: 4, minutes: 10, seed: 7 });
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ runs: 60, checkRuns: 60, tooEarly: 0 });
}, 60_000);
