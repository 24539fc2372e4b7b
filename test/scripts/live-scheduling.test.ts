import { expect, test } from 'vitest';
import { liveTraces } from '../../scripts/bench/scheduling/live-traces.ts';
import { playLive } from '../../scripts/bench/scheduling/play-live.ts';
import { reportOf } from '../../server/domain/simulation/report.ts';
import { must } from '../support/scenario.ts';

/** `npm run bench:scheduling -- --live` in short: one trace. */
test('a real server makes as many installs as the simulator, within one in twenty', { timeout: 60_000 }, async () => {
  const { trace } = must(liveTraces[0]);
  const { installs, makespan_s } = reportOf(trace);
  const played = await playLive(trace, 5);
  expect(Math.abs(played.installs - installs) / installs).toBeLessThanOrEqual(0.05);
  // it lived through all of it
  expect(played.makespanS).toBeGreaterThan(0.9 * makespan_s);
});
