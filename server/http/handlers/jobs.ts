import { awaitJob } from '../../usecases/await-change.ts';
import { cancelJob } from '../../usecases/cancel-job.ts';
import type { Deps } from '../../usecases/deps.ts';
import { explainJob } from '../../usecases/explain-job.ts';
import { exportTrace } from '../../usecases/export-trace.ts';
import { findLog } from '../../usecases/find-log.ts';
import { getJob } from '../../usecases/get-job.ts';
import { listJobs } from '../../usecases/list-work.ts';
import { renewRunLease } from '../../usecases/renew-run-lease.ts';
import { retryJob } from '../../usecases/retry-run.ts';
import { submitRun } from '../../usecases/submit-run.ts';
import { presentJob } from '../present.ts';
import { presentPage } from '../present-fleet.ts';
import { presentTrace } from '../present-trace.ts';
import { contentAnswer } from '../range.ts';
import type { Handlers } from '../request-context.ts';

/** Handlers of everything about single jobs. */
export function jobHandlers(deps: Deps) {
  return {
    async submitJob({ body: { test_path, ...rest } }, { caller, idempotency }) {
      const { created, run } = await submitRun(deps, caller, { ...rest, tests: [test_path] }, idempotency);
      const [job] = run.jobs;
      if (!job) throw new Error(`run ${run.run.id} of one test has no job`);
      if (created) return { status: 201, body: presentJob(job) };
      return { status: 200, body: { ...presentJob(job), deduplicated: true } };
    },
    async listJobs({ query }, { caller }) {
      return { status: 200, body: presentPage(await listJobs(deps, caller, query), presentJob) };
    },
    async exportTrace({ query }, { caller }) {
      return { status: 200, body: presentTrace(await exportTrace(deps, caller, query)) };
    },
    async getJob({ params, query }, { caller, waiting }) {
      const { after_version: afterVersion, wait_seconds: waitSeconds = 0 } = query;
      const job =
        afterVersion === undefined || waitSeconds === 0
          ? await getJob(deps, caller, params.id)
          : await awaitJob(deps, caller, params.id, { afterVersion, waitMs: waitSeconds * 1000 }, waiting());
      return { status: 200, body: presentJob(job) };
    },
    async cancelJob({ params }, { caller }) {
      return { status: 202, body: presentJob(await cancelJob(deps, caller, params.id)) };
    },
    async retryJob({ params }, { caller, idempotency }) {
      return { status: 201, body: presentJob(await retryJob(deps, caller, params.id, idempotency)) };
    },
    async renewJobLease({ params }, { caller }) {
      const { expiresInMs } = await renewRunLease(deps, caller, { jobId: params.id });
      return { status: 200, body: { expires_in_ms: expiresInMs } };
    },
    async jobLog({ params, query, headers }, { caller }) {
      const { jobId, attempt, size } = await findLog(deps, caller, params.id, query.attempt);
      return contentAnswer({ size, read: (range) => deps.logs.read(jobId, attempt, range) }, headers.range);
    },
    async explainJob({ params }, { caller }) {
      return { status: 200, body: await explainJob(deps, caller, params.id) };
    },
  } satisfies Partial<Handlers>;
}
