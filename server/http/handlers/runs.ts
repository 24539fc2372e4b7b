import { renderJunit } from '../../domain/junit.ts';
import { approveRun } from '../../usecases/approve-run.ts';
import { awaitRun } from '../../usecases/await-change.ts';
import { cancelRun } from '../../usecases/cancel-run.ts';
import type { Deps } from '../../usecases/deps.ts';
import { getReport } from '../../usecases/get-report.ts';
import { getRun } from '../../usecases/get-run.ts';
import { listRuns } from '../../usecases/list-work.ts';
import { planRun } from '../../usecases/plan-run.ts';
import { renewRunLease } from '../../usecases/renew-run-lease.ts';
import { retryRun } from '../../usecases/retry-run.ts';
import { submitRun } from '../../usecases/submit-run.ts';
import { watchRun } from '../events.ts';
import { presentReport, presentRun, presentRunSummary } from '../present.ts';
import { presentPage } from '../present-fleet.ts';
import type { Handlers } from '../request-context.ts';

/** Handlers of everything about runs. */
export function runHandlers(deps: Deps, publicUrl: string) {
  return {
    async submitRun({ body }, { caller, idempotency }) {
      const { created, run } = await submitRun(deps, caller, body, idempotency);
      if (created) return { status: 201, body: presentRun(run, publicUrl) };
      return { status: 200, body: { ...presentRun(run, publicUrl), deduplicated: true } };
    },
    async planRun({ body }, { caller }) {
      return { status: 200, body: await planRun(deps, caller, body) };
    },
    async listRuns({ query }, { caller }) {
      const page = await listRuns(deps, caller, query);
      return { status: 200, body: presentPage(page, (run) => presentRunSummary(run, publicUrl)) };
    },
    async getRun({ params, query }, { caller, waiting }) {
      const { after_version: afterVersion, wait_seconds: waitSeconds = 0 } = query;
      const run =
        afterVersion === undefined || waitSeconds === 0
          ? await getRun(deps, caller, params.id)
          : await awaitRun(deps, caller, params.id, { afterVersion, waitMs: waitSeconds * 1000 }, waiting());
      return { status: 200, body: presentRun(run, publicUrl) };
    },
    async runEvents({ params, headers }, { caller, waiting }) {
      const watch = { deps, caller, runId: params.id, publicUrl, signal: waiting() };
      return { status: 200, body: await watchRun(watch, Number(headers['last-event-id'] ?? 0)) };
    },
    async runReport({ params }, { caller }) {
      return { status: 200, body: presentReport(await getReport(deps, caller, params.id), publicUrl) };
    },
    async runJunit({ params }, { caller }) {
      const report = presentReport(await getReport(deps, caller, params.id), publicUrl);
      return { status: 200, body: renderJunit(report), headers: { 'content-type': 'application/xml; charset=utf-8' } };
    },
    async cancelRun({ params }, { caller }) {
      return { status: 202, body: presentRun(await cancelRun(deps, caller, params.id), publicUrl) };
    },
    async approveRun({ params }, { caller }) {
      return { status: 200, body: presentRun(await approveRun(deps, caller, params.id), publicUrl) };
    },
    async retryRun({ params, body }, { caller, idempotency }) {
      const onlyFailed = body.only_failed ?? false;
      const run = await retryRun(deps, caller, params.id, { onlyFailed }, idempotency);
      return { status: 201, body: presentRun(run, publicUrl) };
    },
    async renewRunLease({ params }, { caller }) {
      const { expiresInMs } = await renewRunLease(deps, caller, { runId: params.id });
      return { status: 200, body: { expires_in_ms: expiresInMs } };
    },
  } satisfies Partial<Handlers>;
}
