import type { CheckRun } from '../domain/check/run.ts';
import type { Job, Run } from '../domain/model.ts';
import type { AttemptWithoutTests, Tx } from '../store/store.ts';
import type { JobView, ReportView, RunView } from './views.ts';

/** A run with its jobs, their attempts and who holds them. */
export async function loadRun(tx: Tx, run: Run): Promise<RunView> {
  const jobs = await tx.jobs.ofRun(run.id);
  const attempts = jobs.some((job) => job.attempts > 0) ? await tx.results.ofRun(run.id) : [];
  return { run, check: await loadCheck(tx, run), jobs: await joinJobs(tx, run, jobs, attempts) };
}

/** A run with every test of every attempt; a job that was carried over has those of the job it stands for. */
export async function loadReport(tx: Tx, run: Run): Promise<ReportView> {
  const full = Map.groupBy(await tx.results.fullOfRun(run.id), (attempt) => attempt.jobId);
  const jobs = await joinJobs(tx, run, await tx.jobs.ofRun(run.id), []);
  return {
    run,
    check: await loadCheck(tx, run),
    jobs: jobs.map((view) => ({ ...view, attempts: full.get(view.job.carriedFrom ?? view.job.id) ?? [] })),
  };
}

/** Most runs are none of GitHub's: those are not looked up. */
export async function loadCheck(tx: Tx, run: Run): Promise<CheckRun | null> {
  return run.github === null ? null : ((await tx.checks.find(run.id)) ?? null);
}

/** One job with its attempts and who holds it. */
export async function loadJob(tx: Tx, job: Job, run: Run): Promise<JobView> {
  const attempts = job.attempts > 0 ? await tx.results.ofJob(job.id) : [];
  return { job, run, attempts, holder: await findHolder(tx, job.leaseId) };
}

/** Jobs of one run, joined with attempts that were read already. */
export async function joinJobs(tx: Tx, run: Run, jobs: Job[], attempts: AttemptWithoutTests[]): Promise<JobView[]> {
  const byJob = Map.groupBy(attempts, (attempt) => attempt.jobId);
  const holders = new Map<string, JobView['holder']>();
  for (const { leaseId } of jobs) {
    if (leaseId !== null && !holders.has(leaseId)) holders.set(leaseId, await findHolder(tx, leaseId));
  }
  return jobs.map((job) => ({
    job,
    run,
    attempts: byJob.get(job.id) ?? [],
    holder: job.leaseId === null ? null : (holders.get(job.leaseId) ?? null),
  }));
}

async function findHolder(tx: Tx, leaseId: string | null): Promise<JobView['holder']> {
  if (leaseId === null) return null;
  const lease = await tx.leases.find(leaseId);
  return lease ? { agent: lease.agentName, device: lease.deviceId } : null;
}
