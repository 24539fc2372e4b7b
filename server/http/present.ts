import type * as contract from '../../contract/job.ts';
import type { RunReport, Run as RunResource, RunSummary } from '../../contract/run.ts';
import { checkStanding } from '../domain/check/standing.ts';
import { zeroCounts } from '../domain/counts.ts';
import type { Attempt, AttemptInstall, Run } from '../domain/model.ts';
import type { JobView, ReportView, RunView } from '../usecases/views.ts';

/** What use-cases return, in the contract's shapes. `publicUrl` is where people reach this server. */

/** An instant as the contract writes it. */
export function instant(at: number): string {
  return new Date(at).toISOString();
}

export function optionalInstant(at: number | null): string | null {
  return at === null ? null : instant(at);
}

export function presentRun({ run, check, jobs }: RunView, publicUrl: string): RunResource {
  return { ...presentRunSummary(run, publicUrl), check: checkStanding(run, check), jobs: jobs.map(presentJob) };
}

export function presentRunSummary(run: Run, publicUrl: string): RunSummary {
  return {
    id: run.id,
    org_id: run.orgId,
    app_version_id: run.appVersionId,
    target: run.target,
    priority: run.priority,
    project: run.project,
    devices: run.devices,
    status: run.status,
    conclusion: run.conclusion,
    reason: run.reason,
    version: run.version,
    created_at: instant(run.createdAt),
    started_at: optionalInstant(run.startedAt),
    completed_at: optionalInstant(run.completedAt),
    attempt: run.attempt,
    retry_of: run.retryOf,
    counts: run.counts,
    job_counts: {
      total: run.jobsTotal,
      queued: run.jobsQueued,
      active: run.jobsActive,
      completed: run.jobsTotal - run.jobsQueued - run.jobsActive,
    },
    installs: { made: run.installsMade, avoided: run.installsAvoided, seconds_saved: run.installMsSaved / 1000 },
    awaiting_approval: run.awaitingApproval,
    github: run.github,
    url: `${publicUrl}/runs/${run.id}`,
  };
}

export function presentJob(view: JobView): contract.Job {
  return {
    ...presentJobAlone(view),
    attempts: [...view.attempts.map(presentAttempt), ...presentAttemptInProgress(view)],
  };
}

export function presentReport({ run, check, jobs }: ReportView, publicUrl: string): RunReport {
  return {
    run: { ...presentRunSummary(run, publicUrl), check: checkStanding(run, check) },
    jobs: jobs.map((view) => {
      const ended = view.attempts.map((attempt) => ({ ...presentAttempt(attempt), tests: attempt.tests }));
      const inProgress = presentAttemptInProgress(view).map((attempt) => ({ ...attempt, tests: [] }));
      return { ...presentJobAlone(view), attempts: [...ended, ...inProgress] };
    }),
  };
}

function presentJobAlone({ job, run }: Pick<JobView, 'job' | 'run'>): Omit<contract.Job, 'attempts'> {
  return {
    id: job.id,
    run_id: job.runId,
    org_id: job.orgId,
    app_version_id: job.appVersionId,
    test_path: job.testPath,
    target: job.target,
    priority: job.priority,
    project: run.project,
    devices: run.devices,
    status: job.status,
    conclusion: job.conclusion,
    reason: job.reason,
    reason_code: job.reasonCode,
    cancel_requested: job.cancelRequested,
    carried_from: job.carriedFrom,
    version: job.version,
    created_at: instant(job.createdAt),
    started_at: optionalInstant(job.startedAt),
    completed_at: optionalInstant(job.completedAt),
    counts: job.counts,
  };
}

function presentAttempt(attempt: Omit<Attempt, 'tests' | 'resultHash'>): contract.Attempt {
  return {
    number: attempt.number,
    agent: attempt.agent,
    device: attempt.device,
    outcome: attempt.outcome,
    started_at: optionalInstant(attempt.startedAt),
    duration_ms: attempt.durationMs,
    install: attempt.install && presentInstall(attempt.install),
    counts: attempt.counts,
    errors: attempt.errors,
  };
}

function presentInstall({ result, durationMs, reason }: AttemptInstall): contract.Attempt['install'] {
  return { result, duration_ms: durationMs, reason };
}

/** An attempt is stored when it ends; until then it is told from the job and whoever holds it. */
function presentAttemptInProgress({
  job,
  holder,
  attempts,
}: Pick<JobView, 'job' | 'holder'> & { attempts: { number: number }[] }): contract.Attempt[] {
  if (!holder) return [];
  return [
    {
      number: Math.max(job.attempts, (attempts.at(-1)?.number ?? 0) + 1),
      agent: holder.agent,
      device: holder.device,
      outcome: null,
      started_at: optionalInstant(job.attemptStartedAt),
      duration_ms: null,
      install: null,
      counts: zeroCounts(),
      errors: [],
    },
  ];
}
