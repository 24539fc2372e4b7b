import type { Store, Tx } from '../../server/store/store.ts';
import { claim } from '../../server/usecases/claim.ts';
import type { Deps } from '../../server/usecases/deps.ts';
import { explainJob } from '../../server/usecases/explain-job.ts';
import { putResult } from '../../server/usecases/put-result.ts';
import { registerAgent } from '../../server/usecases/register-agent.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { submitRun } from '../../server/usecases/submit-run.ts';
import type { ClaimView } from '../../server/usecases/views.ts';
import { must, operator, submission } from '../support/scenario.ts';

/** A store on one connection; its units of work follow one another and are never undone. */
export function storeOf(tx: Tx): Store {
  return {
    transaction: (work) => work(tx),
    read: (work) => work(tx),
    check: async () => {},
    close: async () => {},
  };
}

/**
 * Every statement that claims run: those that find work, that look further since a job failed on this very device, that find
 * none, those of results that take the next job, of leases given back, and of explanations.
 */
export async function statementsOfClaims(deps: Deps, ran: string[]): Promise<string[]> {
  const tests = ['a.spec.ts', 'b.spec.ts', 'c.spec.ts'];
  const { run } = await submitRun(deps, operator, { ...submission, tests, retries: { test: 1 } }, null);
  const ids = ['d1', 'd2'];
  const devices = ids.map((id) => ({ id, target: 'emulator' as const, platform: 'android' as const }));
  const { agent } = await registerAgent(deps, operator, { name: 'mac', devices }, null);
  ran.length = 0;
  const take = (deviceId: string) => claim(deps, operator, agent.id, { deviceId, maxJobs: 1 }, null);
  const finish = (claimed: ClaimView, jobId: string, outcome: 'passed' | 'failed') =>
    putResult(deps, operator, claimed.lease, jobId, { outcome, duration_ms: 1000, tests: [], errors: [] }, 1);
  const first = must(await take('d1'));
  let job = must(first.jobs[0]);
  job = must((await finish(first, job.id, 'failed')).jobs[0]);
  await finish(first, job.id, 'passed');
  await releaseLease(deps, operator, first.lease);
  for (let claimed = await take('d2'); claimed; claimed = await take('d2')) {
    await finish(claimed, must(claimed.jobs[0]).id, 'passed');
    await releaseLease(deps, operator, claimed.lease);
  }
  await take('d1');
  await explainJob(deps, operator, must(run.jobs[0]).job.id);
  const { run: later } = await submitRun(deps, operator, { ...submission, tests: ['d.spec.ts'] }, null);
  await explainJob(deps, operator, must(later.jobs[0]).job.id);
  return [...new Set(ran)];
}
