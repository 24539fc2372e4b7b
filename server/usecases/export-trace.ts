import { listedOrg } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { listDevices } from './fleet.ts';
import { readCursor, writeCursor } from './list-work.ts';
import type { TraceView } from './views.ts';

const maxJobs = 200;

/**
 * A page of what really happened, newest first: the jobs that ran, of those created at or after `since`. A page reads so many
 * jobs and no more, whatever became of them, so that it costs the same behind a million that wait.
 * @throws DomainError `org_mismatch`, `validation_failed` for a foreign cursor
 */
export async function exportTrace(
  deps: Deps,
  caller: Caller,
  query: {
    org_id?: string | undefined;
    since?: string | undefined;
    cursor?: string | undefined;
    limit?: number | undefined;
  },
): Promise<TraceView> {
  const orgId = listedOrg(caller, query.org_id);
  const before = query.cursor === undefined ? null : readCursor(query.cursor);
  const since = query.since === undefined ? 0 : Date.parse(query.since);
  const limit = query.limit ?? maxJobs;
  // one more than asked for, to see whether there is a next page
  const found = await deps.store.read((tx) => tx.history.jobs(orgId, before, limit + 1));
  const rows = found.slice(0, limit);
  const recent = rows.filter(({ createdAt }) => createdAt >= since);
  const { workflow } = caller;
  const visible = recent.filter((job) => workflow === null || job.repositoryId === workflow.repositoryId);
  const last = rows.at(-1);
  const isLast = found.length <= limit || recent.length < rows.length;
  return {
    jobs: visible.flatMap(({ attempt, ...job }) => (attempt === null ? [] : [{ ...job, attempt }])),
    online: before === null ? await listDevices(deps, caller, { org_id: query.org_id }) : [],
    nextCursor: isLast || !last ? null : writeCursor(last.seq),
  };
}
