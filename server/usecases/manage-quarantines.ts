import type { Quarantine } from '../domain/quarantine.ts';
import { notFound } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { mustKnow } from './manage-orgs.ts';

/** Those that still last, soonest to end first; a workflow sees its own repository's. @throws DomainError `not_found` */
export async function listQuarantines(deps: Deps, caller: Caller, orgId: string): Promise<Quarantine[]> {
  const now = deps.now();
  return deps.store.read(async (tx) => {
    mustKnow(caller, await tx.orgs.find(orgId), orgId);
    return tx.quarantines.active(orgId, caller.workflow?.repositoryId ?? null, now);
  });
}

/** From now on the test's failures count again. @throws DomainError `not_found` */
export async function removeQuarantine(deps: Deps, caller: Caller, orgId: string, id: string): Promise<void> {
  await deps.store.transaction(async (tx) => {
    mustKnow(caller, await tx.orgs.find(orgId), orgId);
    if (!(await tx.quarantines.delete(orgId, id))) throw notFound('quarantine', id);
  });
}
