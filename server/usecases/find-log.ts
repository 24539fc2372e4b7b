import { mustSee } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';

/** Where a job's log is, its latest attempt's unless told, and how many bytes it has. @throws DomainError `not_found` */
export async function findLog(
  deps: Deps,
  caller: Caller,
  jobId: string,
  attempt: number | undefined,
): Promise<{ jobId: string; attempt: number; size: number }> {
  const source = await deps.store.read(async (tx) => {
    const job = mustSee(caller, await tx.jobs.find(jobId), 'job', jobId);
    // what was carried over was written by the job it stands for
    return (job.carriedFrom && (await tx.jobs.find(job.carriedFrom))) || job;
  });
  const number = attempt ?? Math.max(1, source.attempts);
  return { jobId: source.id, attempt: number, size: await deps.logs.size(source.id, number) };
}
