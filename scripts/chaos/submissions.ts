import type { Random } from './random.ts';

/** A submission that is going to be made, and made again until it is acknowledged. */
export interface Submission {
  idempotencyKey: string;
  path: '/v1/jobs' | '/v1/runs';
  orgId: string;
  body: Record<string, unknown>;
  /** Its spec files; no two submissions share one. */
  tests: string[];
  testRetries: number;
  infraRetries: number;
  /** When, after the start. */
  atMs: number;
}

export const orgs = ['acme', 'globex', 'initech', 'umbrella'] as const;

/** `jobs` jobs in runs of one and of several, over the first 70 % of the time. */
export function planSubmissions(random: Random, jobs: number, totalMs: number): Submission[] {
  const planned: Submission[] = [];
  for (let left = jobs; left > 0; ) {
    const single = random.chance(0.6);
    const count = single ? 1 : Math.min(left, random.between(2, 12));
    const number = planned.length;
    const orgId = random.pick(orgs);
    const tests = Array.from({ length: count }, (_, i) => `tests/s${number}/t${i}.spec.ts`);
    const target = random.pick(['device', 'emulator']);
    const shared = {
      org_id: orgId,
      app_version_id: `v${random.between(1, 3)}`,
      target,
      priority: random.between(0, 9),
    };
    const testRetries = single ? 0 : random.between(0, 2);
    const infraRetries = single ? 2 : random.between(0, 2);
    const devices = random.chance(0.2) ? { devices: [{ platform: 'android' }] } : {};
    planned.push({
      idempotencyKey: `submission-${number}`,
      path: single ? '/v1/jobs' : '/v1/runs',
      orgId,
      body: single
        ? { ...shared, test_path: tests[0] }
        : { ...shared, ...devices, tests, retries: { test: testRetries, infra: infraRetries } },
      tests,
      testRetries,
      infraRetries,
      atMs: random.fraction() * 0.7 * totalMs,
    });
    left -= count;
  }
  return planned.sort((a, b) => a.atMs - b.atMs);
}
