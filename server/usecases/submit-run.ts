import type { SubmitRun } from '../../contract/run.ts';
import { zeroCounts } from '../domain/counts.ts';
import { DomainError } from '../domain/errors.ts';
import { groupKey } from '../domain/grouping.ts';
import type { Job, Org, Run } from '../domain/model.ts';
import { Conflict, type Tx } from '../store/store.ts';
import { mustActFor, notFound } from './authorise.ts';
import { type Changes, change } from './changes.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { endRun } from './end-run.ts';
import { loadRun } from './load-views.ts';
import { once } from './once.ts';
import { dedupeKeyOf, groupIdOf, supersedeKeyOf } from './submission-keys.ts';
import type { JobView, RunView } from './views.ts';

/**
 * Stores a run and puts its jobs in line. Without an idempotency key, a submission identical to one that is still active
 * is that one.
 * @throws DomainError `org_mismatch`, `limit_exceeded`, `blob_unknown`, `idempotency_key_reused`
 */
export async function submitRun(
  deps: Deps,
  caller: Caller,
  body: SubmitRun,
  idempotency: Idempotency | null,
): Promise<{ created: boolean; run: RunView }> {
  mustActFor(caller, body.org_id);
  return change(deps, (changes) =>
    once(changes.tx, caller, idempotency, changes.now, async () => {
      const { tx } = changes;
      const org = await findOrCreateOrg(tx, caller, body.org_id, changes.now);
      await mustHaveBundle(tx, body);
      const run = newRun(deps, body, changes.now);
      const active = await tx.runs.findByDedupeKey(run.dedupeKey ?? '');
      if (active && !idempotency && body.dedupe !== false) return { created: false, run: await loadRun(tx, active) };
      const tests = [...new Set(body.tests)];
      await mustFitLimits(tx, org, tests.length);
      if (body.supersede) await supersedeEarlier(changes, run);
      const jobs = await insertRun(deps, changes, { ...run, dedupeKey: active ? null : run.dedupeKey }, tests);
      return { created: true, run: jobs };
    }),
  );
}

/**
 * Writes a new run, its group and its jobs. `carried` are jobs that stand there completed already.
 * @throws Conflict when an identical run was just submitted, so that this unit of work runs again and finds it
 */
export async function insertRun(
  deps: Deps,
  changes: Changes,
  run: Run,
  tests: string[],
  carried: Job[] = [],
): Promise<RunView> {
  const { tx, now } = changes;
  const groupId = groupIdOf(deps, groupKey(run.orgId, run.appVersionId, run.target, run.devices));
  const jobs = tests.map((testPath, position) => newJob(deps, run, groupId, testPath, carried.length + position));
  const stored: Run = { ...run, jobsTotal: jobs.length + carried.length, jobsQueued: jobs.length };
  await tx.groups.enqueue({ ...stored, id: groupId }, { count: jobs.length, priority: run.priority, enqueuedAt: now });
  if (!(await tx.runs.insert(stored))) throw new Conflict('an identical run was submitted at the same moment');
  const all = [...carried, ...jobs];
  await tx.jobs.insert(all);
  changes.workArrived(run.target);
  return { run: stored, jobs: all.map((job): JobView => ({ job, run: stored, attempts: [], holder: null })) };
}

async function findOrCreateOrg(tx: Tx, caller: Caller, id: string, now: number): Promise<Org> {
  const org = await tx.orgs.find(id);
  if (org) return org;
  // only the operator gets here: a key of an organisation has one. So the first submission on a fresh server just works
  if (caller.orgId !== null) throw notFound('organisation', id);
  const made = newOrg(id, id, now);
  if (!(await tx.orgs.insert(made))) throw new Conflict('the organisation was made at the same moment');
  return made;
}

/** An organisation without limits. */
export function newOrg(id: string, name: string, now: number): Org {
  return { id, name, createdAt: now, maxQueuedJobs: null, maxActiveJobs: null, weight: 1, usageMs: 0, usageAt: now };
}

async function mustHaveBundle(tx: Tx, body: SubmitRun): Promise<void> {
  if (!body.bundle || (await tx.accounts.findBlob(body.org_id, body.bundle.sha256))) return;
  throw new DomainError('blob_unknown', `Upload the bundle first: PUT /v1/blobs/${body.bundle.sha256}.`);
}

/** @throws DomainError `limit_exceeded` when so many more jobs may not wait */
export async function mustFitLimits(tx: Tx, org: Org, jobs: number): Promise<void> {
  if (org.maxQueuedJobs === null) return;
  const { queued } = await tx.groups.totals(org.id);
  if (queued + jobs <= org.maxQueuedJobs) return;
  throw new DomainError(
    'limit_exceeded',
    `${queued} jobs of ${org.id} wait already and ${jobs} more would pass its limit of ${org.maxQueuedJobs}. Wait, or cancel some.`,
  );
}

async function supersedeEarlier(changes: Changes, run: Run): Promise<void> {
  if (run.supersedeKey === null) return;
  for (const earlier of await changes.tx.runs.findBySupersedeKey(run.supersedeKey)) {
    await endRun(changes, earlier.id, {
      conclusion: 'superseded',
      reasonCode: 'superseded',
      reason: `Superseded by run ${run.id}.`,
    });
  }
}

function newRun(deps: Deps, body: SubmitRun, now: number): Run {
  const clientLeaseMs = body.client_lease_seconds === undefined ? null : body.client_lease_seconds * 1000;
  return {
    id: deps.newId('run'),
    orgId: body.org_id,
    appVersionId: body.app_version_id,
    target: body.target,
    priority: body.priority ?? 5,
    project: body.project ?? null,
    devices: body.devices ?? [],
    status: 'queued',
    conclusion: null,
    reason: null,
    version: 1,
    attempt: 1,
    retryOf: null,
    createdAt: now,
    startedAt: null,
    completedAt: null,
    testRetries: body.retries?.test ?? 0,
    infraRetries: body.retries?.infra ?? 2,
    timeoutSeconds: body.timeout_seconds ?? 1800,
    reset: body.reset ?? 'data',
    bundleSha256: body.bundle?.sha256 ?? null,
    queueDeadlineAt: body.queue_timeout_seconds === undefined ? null : now + body.queue_timeout_seconds * 1000,
    clientLeaseMs,
    clientLeaseExpiresAt: clientLeaseMs === null ? null : now + clientLeaseMs,
    github: body.github ?? null,
    headSha: body.github?.head_sha ?? null,
    supersedeKey: supersedeKeyOf(deps, body),
    dedupeKey: dedupeKeyOf(deps, body),
    jobsTotal: 0,
    jobsQueued: 0,
    jobsActive: 0,
    installsMade: 0,
    installsAvoided: 0,
    installMsSaved: 0,
    counts: zeroCounts(),
  };
}

function newJob(deps: Deps, run: Run, groupId: string, testPath: string, position: number): Job {
  return {
    id: deps.newId('job'),
    runId: run.id,
    orgId: run.orgId,
    position,
    groupId,
    appVersionId: run.appVersionId,
    testPath,
    target: run.target,
    priority: run.priority,
    status: 'queued',
    conclusion: null,
    reason: null,
    reasonCode: null,
    cancelRequested: false,
    carriedFrom: null,
    version: run.version,
    createdAt: run.createdAt,
    enqueuedAt: run.createdAt,
    startedAt: null,
    completedAt: null,
    leaseId: null,
    attemptStartedAt: null,
    attempts: 0,
    testFailures: 0,
    infraFailures: 0,
    losses: 0,
    counts: zeroCounts(),
  };
}
