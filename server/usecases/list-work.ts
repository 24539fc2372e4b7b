import type { Conclusion, JobStatus, RunStatus, Target } from '../../contract/words.ts';
import { DomainError } from '../domain/errors.ts';
import type { Run } from '../domain/model.ts';
import type { ListFilter, Numbered } from '../store/store.ts';
import { listedOrg } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { loadJob } from './load-views.ts';
import type { JobView, Page } from './views.ts';

/** A list's query as the contract has it. */
export interface WorkQuery<Status> {
  limit?: number | undefined;
  cursor?: string | undefined;
  org_id?: string | undefined;
  status?: Status | undefined;
  conclusion?: Conclusion | undefined;
  app_version_id?: string | undefined;
  target?: Target | undefined;
  head_sha?: string | undefined;
  created_after?: string | undefined;
}

const defaultLimit = 50;

/** Runs without their jobs, newest first. @throws DomainError `org_mismatch`, `validation_failed` for a foreign cursor */
export async function listRuns(deps: Deps, caller: Caller, query: WorkQuery<RunStatus>): Promise<Page<Run>> {
  const filter = filterOf(caller, query);
  const rows = await deps.store.read((tx) => tx.runs.list({ ...filter, status: query.status }));
  return pageOf(rows, filter.limit - 1);
}

/** Jobs, newest first. @throws DomainError `org_mismatch`, `validation_failed` for a foreign cursor */
export async function listJobs(deps: Deps, caller: Caller, query: WorkQuery<JobStatus>): Promise<Page<JobView>> {
  const filter = filterOf(caller, query);
  return deps.store.read(async (tx) => {
    const page = pageOf(await tx.jobs.list({ ...filter, status: query.status }), filter.limit - 1);
    const items: JobView[] = [];
    for (const job of page.items) {
      const run = await tx.runs.find(job.runId);
      if (run) items.push(await loadJob(tx, job, run));
    }
    return { items, nextCursor: page.nextCursor };
  });
}

/** One more than asked for, to see whether there is a next page. */
function filterOf<S>(caller: Caller, query: WorkQuery<S>): ListFilter {
  return {
    orgId: listedOrg(caller, query.org_id),
    conclusion: query.conclusion,
    appVersionId: query.app_version_id,
    target: query.target,
    repositoryId: caller.workflow?.repositoryId,
    headSha: query.head_sha,
    createdAfter: query.created_after === undefined ? undefined : Date.parse(query.created_after),
    before: query.cursor === undefined ? null : readCursor(query.cursor),
    limit: (query.limit ?? defaultLimit) + 1,
  };
}

function pageOf<T>(rows: Numbered<T>[], limit: number): Page<Numbered<T>> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? writeCursor(last.seq) : null };
}

/** A place in a list, as an opaque text. */
export function writeCursor(position: number): string {
  return Buffer.from(`c${position}`).toString('base64url');
}

/** @throws DomainError `validation_failed` for a text that is no cursor of ours */
export function readCursor(cursor: string): number {
  const match = /^c(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match) return Number(match[1]);
  const errors = [{ path: 'query.cursor', message: 'not a cursor of this list' }];
  throw new DomainError('validation_failed', 'Send the next_cursor of the page before, or none for the first page.', {
    errors,
  });
}
