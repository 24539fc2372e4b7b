import type { z } from 'zod';
import type { JobResult, SubmitResults } from '../../contract/agent.ts';
import type { ProblemCode } from '../../contract/problem.ts';
import { countsOverAttempts, countTests } from '../domain/counts.ts';
import { DomainError } from '../domain/errors.ts';
import type { Attempt, AttemptInstall, Job, Lease, Run } from '../domain/model.ts';
import { excuse } from '../domain/quarantine.ts';
import { placeOf } from '../domain/retry-place.ts';
import { settle } from '../domain/settle.ts';
import type { Tx } from '../store/store.ts';
import { notFound } from './authorise.ts';
import { type Changes, change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { installMsOf, learnFromAttempt } from './estimates.ts';
import { learnFromPass, withHint } from './learn-blame.ts';
import { findLease, holdLease, type LeaseProof, leaseLost } from './lease-guard.ts';
import { applySettlement, budgetsOf } from './settle-job.ts';
import { takeNext } from './take-next.ts';
import type { LeasedJobView } from './views.ts';

type Result = z.output<typeof JobResult>;

/**
 * A job's result, once: the same again is no error and changes nothing. Gives up to `next` further jobs of the group.
 * @throws DomainError `not_found`, `lease_lost`, `result_conflict`
 */
export async function putResult(
  deps: Deps,
  caller: Caller,
  proof: LeaseProof,
  jobId: string,
  body: Result,
  next: number,
): Promise<{ status: 'stored' | 'already_stored'; jobs: LeasedJobView[] }> {
  return change(deps, async (changes) => {
    const lease = await findLease(changes.tx, caller, proof);
    await changes.lockGroups([lease.groupId]);
    const status = await store(deps, changes, lease, jobId, body);
    return { status, jobs: status === 'stored' ? await takeNext(deps, changes, lease, next) : [] };
  });
}

/** Several results, each on its own: one that is refused does not keep the others from being stored. */
export async function putResults(
  deps: Deps,
  caller: Caller,
  proof: LeaseProof,
  body: z.output<typeof SubmitResults>,
): Promise<{
  results: { jobId: string; status: 'stored' | 'already_stored' | 'refused'; code: ProblemCode | null }[];
  jobs: LeasedJobView[];
}> {
  return change(deps, async (changes) => {
    const lease = await holdLease(changes.tx, caller, proof);
    await changes.lockGroups([lease.groupId]);
    const results = [];
    for (const { job_id: jobId, ...result } of body.results) {
      try {
        results.push({ jobId, status: await store(deps, changes, lease, jobId, result), code: null });
      } catch (error) {
        // what refuses a result throws before it writes anything
        if (!(error instanceof DomainError)) throw error;
        results.push({ jobId, status: 'refused' as const, code: error.code });
      }
    }
    return { results, jobs: await takeNext(deps, changes, lease, body.next ?? 0) };
  });
}

async function store(
  deps: Deps,
  changes: Changes,
  lease: Lease,
  jobId: string,
  body: Result,
): Promise<'stored' | 'already_stored'> {
  const { tx } = changes;
  const job = await tx.jobs.find(jobId);
  if (!job || job.groupId !== lease.groupId) throw notFound('job', jobId);
  const resultHash = deps.sha256(JSON.stringify(body));
  if (job.leaseId !== lease.id || lease.status !== 'active') {
    const told = (await tx.results.fullOfJob(jobId)).filter((attempt) => attempt.leaseId === lease.id);
    if (told.some((attempt) => attempt.resultHash === resultHash)) return 'already_stored';
    if (lease.status !== 'active' || told.length === 0) throw leaseLost();
    throw new DomainError(
      'result_conflict',
      `Another result of job ${jobId} is stored under this lease already. Drop this one.`,
    );
  }
  const run = await changes.run(job.runId);
  const install = await attributeInstall(changes, lease, run);
  const attempt = attemptOf(job, lease, body, { now: changes.now, install, resultHash });
  const earlier = job.attempts > 1 ? await tx.results.fullOfJob(jobId) : [];
  await tx.results.insert(attempt);
  const passed = body.outcome === 'passed' || body.outcome === 'flaky';
  if (ranToItsEnd(body.outcome)) {
    await learnFromAttempt(tx, job, lease, { durationMs: attempt.durationMs, passed });
  }
  if (passed) await learnFromPass(deps, changes, job, lease, [...earlier, attempt]);
  const place = placeOf(lease.agentName, lease.deviceId);
  const settled = settle(job, budgetsOf(run), {
    ...body,
    excuse: await findExcuse(changes, job, body),
    installFailed: lease.install?.result === 'failed',
  });
  const settlement = await withHint(tx, job, place, settled);
  await applySettlement(changes, job, settlement, {
    attemptCounts: true,
    place,
    counts: earlier.length > 0 ? countsOverAttempts([...earlier, attempt]) : attempt.counts,
  });
  return 'stored';
}

/** Why the failures of a result do not count: all of them are of quarantined tests. */
async function findExcuse({ tx, now }: Changes, job: Job, body: Result): Promise<string | null> {
  if (body.outcome !== 'failed' || job.repositoryId === null) return null;
  return excuse(job.testPath, body, await tx.quarantines.active(job.orgId, job.repositoryId, now), now);
}

/** Only such an attempt tells how long its test file takes. */
function ranToItsEnd(outcome: Result['outcome']): boolean {
  return outcome === 'passed' || outcome === 'failed' || outcome === 'flaky';
}

function attemptOf(
  job: Job,
  lease: Lease,
  body: Result,
  { now, install, resultHash }: { now: number; install: AttemptInstall | null; resultHash: string },
): Attempt {
  return {
    jobId: job.id,
    number: job.attempts,
    agent: lease.agentName,
    device: lease.deviceId,
    leaseId: lease.id,
    outcome: body.outcome,
    startedAt: job.attemptStartedAt,
    endedAt: now,
    durationMs: Math.round(body.duration_ms),
    install,
    counts: countTests(body.tests),
    errors: body.errors,
    tests: body.tests,
    resultHash,
  };
}

/** The first attempt under a lease made the install, if one was made; those after it avoided one each. */
async function attributeInstall(changes: Changes, lease: Lease, run: Run): Promise<AttemptInstall | null> {
  const { install } = lease;
  if (!install) return null;
  if (install.result !== 'already_installed' && !lease.installAttributed) {
    lease.installAttributed = true;
    await changes.tx.leases.save(lease);
    if (install.result === 'installed') run.installsMade++;
    return install;
  }
  if (install.result === 'failed') return null;
  run.installsAvoided++;
  run.installMsSaved += Math.round(await savedMs(changes.tx, lease, run));
  return { result: 'already_installed', durationMs: 0, reason: null };
}

/** What an install would have taken: as long as the one this lease made, or as they do elsewhere. */
async function savedMs(tx: Tx, { install }: Lease, run: Run): Promise<number> {
  return install?.result === 'installed' ? install.durationMs : ((await installMsOf(tx, run)) ?? 0);
}
