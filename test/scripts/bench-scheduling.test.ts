import { expect, test } from 'vitest';
import { compare } from '../../scripts/bench/scheduling/compare.ts';
import { faultsOf } from '../../scripts/bench/scheduling/feasibility.ts';
import { knownWorkloads } from '../../scripts/bench/scheduling/workloads.ts';

/** `npm run bench:scheduling` in short: two seeds instead of twenty. */
test.each(knownWorkloads)('$name: fewer installs than FIFO, done sooner, and near the bound', (workload) => {
  const { fifo, qgjob } = compare(workload, 2);
  expect(qgjob.installs).toBeLessThanOrEqual(0.6 * fifo.installs);
  expect(qgjob.makespan).toBeLessThanOrEqual(Math.min(1.12, fifo.makespan));
  expect(qgjob.p95).toBeLessThanOrEqual(1.05);
  expect(qgjob.turnaround).toBeLessThanOrEqual(1.15);
});

test('the checker of schedules sees each way in which one cannot be', () => {
  const job = { release_s: 10, org_id: 'acme', target: 'emulator' as const, priority: 5, duration_s: 20 };
  const trace = {
    devices: [{ id: 'd', target: 'emulator' as const }],
    jobs: [
      { ...job, id: 'a', app_version_id: 'v1' },
      { ...job, id: 'b', app_version_id: 'v2' },
    ],
    install_s: { v1: 5, v2: 5 },
  };
  const a = { job_id: 'a', device_id: 'd', start_s: 15, end_s: 35, installed: true };
  const b = { job_id: 'b', device_id: 'd', start_s: 40, end_s: 60, installed: true };
  expect(faultsOf(trace, [a, b])).toEqual([]);
  const seen = (...schedule: (typeof a)[]) => faultsOf(trace, schedule).length;
  expect(seen(a)).toBeGreaterThan(0);
  expect(seen(a, b, b)).toBeGreaterThan(0);
  expect(seen(a, { ...b, installed: false })).toBeGreaterThan(0);
  expect(seen(a, { ...b, start_s: 39, end_s: 59 })).toBeGreaterThan(0);
  expect(seen(a, { ...b, end_s: 50 })).toBeGreaterThan(0);
  expect(seen({ ...a, start_s: 9, end_s: 29 }, b)).toBeGreaterThan(0);
  expect(seen(a, { ...b, device_id: 'none' })).toBeGreaterThan(0);
});
