import { routes } from '../../../contract/routes.ts';
import { appendLog } from '../../usecases/append-log.ts';
import type { Deps } from '../../usecases/deps.ts';
import type { LeaseProof } from '../../usecases/lease-guard.ts';
import { putResult, putResults } from '../../usecases/put-result.ts';
import { releaseLease } from '../../usecases/release-lease.ts';
import { reportInstall } from '../../usecases/report-install.ts';
import { reportTests } from '../../usecases/report-tests.ts';
import { startJob } from '../../usecases/start-job.ts';
import { presentLeasedJob } from '../present-fleet.ts';
import { validationFailed } from '../problems.ts';
import { collect } from '../read-body.ts';
import type { Handlers } from '../request-context.ts';

/** Handlers of what an agent tells under a lease. */
export function leaseHandlers(deps: Deps) {
  return {
    async reportInstall({ params, headers, body }, { caller }) {
      await reportInstall(deps, caller, proofOf(params, headers), body);
      return { status: 204, body: undefined };
    },
    async startJob({ params, headers }, { caller }) {
      await startJob(deps, caller, proofOf(params, headers), params.job_id);
      return { status: 204, body: undefined };
    },
    async reportTests({ params, headers, body }, { caller }) {
      await reportTests(deps, caller, proofOf(params, headers), params.job_id, body.tests);
      return { status: 204, body: undefined };
    },
    async appendLog({ params, headers, body }, { caller }) {
      const bytes = await collect(body, routes.appendLog.maxBodyBytes);
      const offset = offsetOf(headers['content-range'], bytes.length);
      await appendLog(deps, caller, proofOf(params, headers), params.job_id, offset, bytes);
      return { status: 202, body: undefined };
    },
    async putResult({ params, query, headers, body }, { caller }) {
      const proof = proofOf(params, headers);
      const { status, jobs } = await putResult(deps, caller, proof, params.job_id, body, query.next ?? 0);
      return { status: 200, body: { job_id: params.job_id, status, jobs: jobs.map(presentLeasedJob) } };
    },
    async putResults({ params, headers, body }, { caller }) {
      const { results, jobs } = await putResults(deps, caller, proofOf(params, headers), body);
      return {
        status: 200,
        body: {
          results: results.map(({ jobId, status, code }) => ({ job_id: jobId, status, code })),
          jobs: jobs.map(presentLeasedJob),
        },
      };
    },
    async releaseLease({ params, headers, body }, { caller }) {
      return { status: 200, body: await releaseLease(deps, caller, proofOf(params, headers), body.reason) };
    },
  } satisfies Partial<Handlers>;
}

function proofOf({ id }: { id: string }, headers: { 'qgjob-lease-token': string }): LeaseProof {
  return { id, token: headers['qgjob-lease-token'] };
}

/** Where the bytes belong; the range must name as many as there are. */
function offsetOf(contentRange: string, bytes: number): number {
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(contentRange) ?? [];
  if (Number(last) - Number(first) + 1 === bytes) return Number(first);
  const message = `names another number of bytes than the ${bytes} sent`;
  throw validationFailed([{ path: 'headers.content-range', message }]);
}
