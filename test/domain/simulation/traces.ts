import fc from 'fast-check';
import type { Trace } from '../../../contract/trace.ts';
import type { DeviceRequirement } from '../../../contract/words.ts';
import { defaultPolicy, type Policy } from '../../../server/domain/policy.ts';

/** Seconds instead of minutes, so that small traces reach what takes an hour of real ones. */
export const quickPolicy: Policy = {
  ...defaultPolicy,
  assumedJobMs: 5000,
  assumedInstallMs: 3000,
  usageToleranceMs: 20_000,
  catchUpMs: 30_000,
  creditMs: 40_000,
  overdueMs: 40_000,
  overdueEveryMs: 15_000,
  turnMs: 10_000,
};

/** Random traces of few devices with capabilities, few organisations, versions and priorities. */
export function traces(): fc.Arbitrary<Trace> {
  const platform = fc.constantFrom('android' as const, 'ios' as const);
  const job = fc.record({
    release_s: fc.nat(40),
    org_id: fc.nat(1).map((n) => `org${n}`),
    app_version_id: fc.nat(3).map((n) => `v${n}`),
    target: fc.constantFrom('emulator' as const, 'emulator' as const, 'browserstack' as const),
    priority: fc.nat(2),
    duration_s: fc.integer({ min: 1, max: 9 }),
    devices: fc.constantFrom<DeviceRequirement[]>([], [], [{ platform: 'android' }], [{ platform: 'ios' }]),
  });
  return fc
    .record({
      devices: fc.array(fc.record({ target: job.map(({ target }) => target), platform }), {
        minLength: 1,
        maxLength: 4,
      }),
      jobs: fc.array(job, { maxLength: 60, size: 'max' }),
      install: fc.array(fc.nat(5), { minLength: 4, maxLength: 4 }),
    })
    .map(({ devices, jobs, install }) => ({
      devices: devices.map((device, index) => ({ ...device, id: `d${index}` })),
      jobs: jobs.map((each, index) => ({ ...each, id: `j${String(index).padStart(3, '0')}` })),
      install_s: Object.fromEntries(install.map((seconds, index) => [`v${index}`, seconds])),
    }));
}
