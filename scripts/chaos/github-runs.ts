import { claim } from '../../server/usecases/claim.ts';
import type { Caller, Deps } from '../../server/usecases/deps.ts';
import { putResult } from '../../server/usecases/put-result.ts';
import { registerAgent } from '../../server/usecases/register-agent.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { submitRun } from '../../server/usecases/submit-run.ts';
import { fullName, type Repository } from '../../test/support/github/state.ts';
import type { Random } from './random.ts';

/** A run that is to happen. */
export interface PlannedRun {
  repository: Repository;
  name: string;
  failures: number;
  /** From the beginning. */
  atMs: number;
}

/** Runs over all repositories, latest first; most pass, some fail so often that it takes several requests to tell. */
export function planRuns(
  random: Random,
  shops: Repository[],
  { runs, withinMs }: { runs: number; withinMs: number },
): PlannedRun[] {
  const [first, ...others] = shops;
  if (!first) return [];
  const planned = Array.from({ length: runs }, (_, i) => ({
    repository: random.pick([first, ...others]),
    name: `check ${i}`,
    failures: random.chance(0.6) ? 0 : random.chance(0.9) ? random.between(1, 20) : random.between(51, 250),
    atMs: random.between(0, withinMs - 1),
  }));
  return planned.sort((a, b) => b.atMs - a.atMs);
}

/** Submits a run and lets an agent end it at once. @returns its id */
export async function runToItsEnd(deps: Deps, caller: Caller, planned: PlannedRun): Promise<string> {
  const { repository, name, failures } = planned;
  const { run } = await submitRun(
    deps,
    caller,
    {
      org_id: 'acme',
      app_version_id: 'v1',
      target: 'emulator',
      tests: ['tests/a.spec.ts'],
      dedupe: false,
      github: {
        repository: fullName(repository),
        repository_id: repository.id,
        head_sha: repository.branches.get('main') ?? '',
        check_name: name,
      },
    },
    null,
  );
  const devices = [{ id: 'device', target: 'emulator' as const, platform: 'web' as const }];
  const { agent } = await registerAgent(deps, caller, { name: 'agent', devices }, null);
  const claimed = await claim(deps, caller, agent.id, { deviceId: 'device', maxJobs: 1 }, null);
  const job = claimed?.jobs[0];
  if (!claimed || !job) throw new Error('there was nothing to claim');
  const tests = Array.from({ length: Math.max(1, failures) }, (_, i) => ({
    id: `t${i}`,
    title: `t${i}`,
    title_path: [`t${i}`],
    file: 'tests/a.spec.ts',
    line: i + 1,
    status: failures === 0 ? ('passed' as const) : ('failed' as const),
    retry: 0,
    duration_ms: 1,
    errors: failures === 0 ? [] : [{ message: 'wrong', file: 'tests/a.spec.ts', line: i + 1 }],
    attachments: [],
  }));
  const outcome = failures === 0 ? ('passed' as const) : ('failed' as const);
  await putResult(deps, caller, claimed.lease, job.id, { outcome, duration_ms: 1, tests, errors: [] }, 0);
  await releaseLease(deps, caller, claimed.lease);
  return run.run.id;
}
