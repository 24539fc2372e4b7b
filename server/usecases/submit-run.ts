import type { SubmitRun } from '../../contract/run.ts';
import { zeroCounts } from '../domain/counts.ts';
import { DomainError } from '../domain/errors.ts';
import type { Org, Run } from '../domain/model.ts';
import { Conflict, type Tx } from '../store/store.ts';
import { asWorkflow, mustActFor, notFound } from './authorise.ts';
import { asRetryOf, carryOver, nothingCarried } from './carry-over.ts';
import { type Changes, change } from './changes.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { supersede } from './end-run.ts';
import { mustAwaitApproval } from './hold.ts';
import { insertRun } from './insert-run.ts';
import { loadRun } from './load-views.ts';
import { once } from './once.ts';
import { asReuseOf, findReusable } from './reuse.ts';
import { contentKeyOf, dedupeKeyOf, rerunKeyOf, supersedeKeyOf } from './submission-keys.ts';
import type { RunView } from './views.ts';

/**
 * Stores a run and puts its jobs in line. Without an idempotency key, a submission identical to one that is still active
 * is that one. A merge queue's is answered by an earlier run of the same bytes. A fork's waits for approval. With `carry_over`, what passed in an earlier attempt of the same workflow run's step is not run again.
 * @throws DomainError `org_mismatch`, `forbidden` for another workflow's, `limit_exceeded`, `blob_unknown`, `idempotency_key_reused`
 */
export async function submitRun(
  deps: Deps,
  caller: Caller,
  asked: SubmitRun,
  idempotency: Idempotency | null,
): Promise<{ created: boolean; run: RunView }> {
  mustActFor(caller, asked.org_id);
  const body = asWorkflow(caller, asked);
  return change(deps, (changes) =>
    once(changes.tx, caller, idempotency, changes.now, async () => {
      const { tx } = changes;
      const org = await findOrCreateOrg(tx, caller, body.org_id, changes.now);
      await mustHaveBundle(tx, body);
      const app = body.github && (await tx.accounts.findAppVersion(body.org_id, body.app_version_id));
      const made = newRun(deps, body, app?.sha256 ?? null, changes.now);
      const run = { ...made, awaitingApproval: await mustAwaitApproval(tx, made) };
      const active = await tx.runs.findByDedupeKey(run.dedupeKey ?? '');
      if (active && !idempotency && body.dedupe !== false) return { created: false, run: await loadRun(tx, active) };
      const tests = [...new Set(body.tests)];
      if (body.supersede) await supersedeEarlier(changes, run);
      const fresh = { ...run, dedupeKey: active ? null : run.dedupeKey };
      const reused = await findReusable(tx, run, tests, body.side_effects === true);
      if (reused) {
        const stood = { ...fresh, ...asReuseOf(reused) };
        return { created: true, run: await insertRun(deps, changes, stood, tests, reused.passed) };
      }
      const { from, passed } = body.carry_over ? await carryOver(changes, run, tests) : nothingCarried;
      await mustFitLimits(tx, org, tests.length - passed.length);
      const retry = { ...fresh, ...asRetryOf(from) };
      return { created: true, run: await insertRun(deps, changes, retry, tests, passed) };
    }),
  );
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
  return { id, name, createdAt: now, maxQueuedJobs: null, maxActiveJobs: null, weight: 1, usageMs: 0 };
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
    await supersede(changes, earlier.id, run.id);
  }
}

function newRun(deps: Deps, body: SubmitRun, appSha256: string | null, now: number): Run {
  const clientLeaseMs = body.client_lease_seconds === undefined ? null : body.client_lease_seconds * 1000;
  const queueTimeoutMs = body.queue_timeout_seconds === undefined ? null : body.queue_timeout_seconds * 1000;
  const run: Omit<Run, 'rerunKey' | 'contentKey'> = {
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
    queueTimeoutMs,
    queueDeadlineAt: queueTimeoutMs === null ? null : now + queueTimeoutMs,
    clientLeaseMs,
    clientLeaseExpiresAt: clientLeaseMs === null ? null : now + clientLeaseMs,
    github: body.github ?? null,
    repositoryId: body.github?.repository_id ?? null,
    headSha: body.github?.head_sha ?? null,
    supersedeKey: supersedeKeyOf(deps, body),
    dedupeKey: dedupeKeyOf(deps, body),
    workflowAttempt: body.github?.run_attempt ?? null,
    awaitingApproval: false,
    jobsTotal: 0,
    jobsQueued: 0,
    jobsActive: 0,
    installsMade: 0,
    installsAvoided: 0,
    installMsSaved: 0,
    counts: zeroCounts(),
  };
  return { ...run, rerunKey: rerunKeyOf(deps, run, appSha256), contentKey: contentKeyOf(deps, run, appSha256) };
}
