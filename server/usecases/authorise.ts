import type { SubmitRun } from '../../contract/run.ts';
import { DomainError } from '../domain/errors.ts';
import type { Caller } from './deps.ts';

/** Whether the caller may see what belongs to `orgId`. */
export function maySee(caller: Caller, orgId: string): boolean {
  return caller.orgId === null || caller.orgId === orgId;
}

/** @throws DomainError `org_mismatch` when the caller's key belongs to another organisation; before any look-up */
export function mustActFor(caller: Caller, orgId: string): void {
  if (maySee(caller, orgId)) return;
  throw new DomainError(
    'org_mismatch',
    `This key belongs to ${caller.orgId}, the request names ${orgId}. Use a key of ${orgId}, or name ${caller.orgId}.`,
  );
}

/** The organisation that lists are about: the one asked for, or the caller's own; null for all, if the caller may see all. */
export function listedOrg(caller: Caller, asked: string | undefined): string | null {
  if (asked === undefined) return caller.orgId;
  mustActFor(caller, asked);
  return asked;
}

/**
 * A submission as its caller may make it. A workflow's is of that workflow: what it does not say of itself is filled in from
 * what GitHub signed.
 * @throws DomainError `forbidden` when it names another repository, run or attempt
 */
export function asWorkflow(caller: Caller, body: SubmitRun): SubmitRun {
  const { workflow } = caller;
  if (workflow === null) return body;
  const own = {
    repository: workflow.repository,
    repository_id: workflow.repositoryId,
    run_id: workflow.runId,
    run_attempt: workflow.runAttempt,
  };
  for (const name of Object.keys(own) as (keyof typeof own)[]) {
    const named = body.github?.[name];
    if (named === undefined || isSame(named, own[name])) continue;
    throw new DomainError(
      'forbidden',
      `This session token is for ${name} ${own[name]}, the request names ${named}. Leave github.${name} out, or exchange a token of that workflow run.`,
    );
  }
  return { ...body, github: { ...body.github, ...own } };
}

/** Names of repositories differ in case without being others. */
function isSame(one: string | number, other: string | number): boolean {
  return String(one).toLowerCase() === String(other).toLowerCase();
}

/** Within whose requests an idempotency key is one and the same. */
export function scopeOf({ orgId, keyId, workflow }: Caller): string {
  if (workflow !== null) return `${orgId} repository ${workflow.repositoryId}`;
  return orgId ?? keyId;
}

/** Another organisation's thing and none at all are told alike. */
export function notFound(what: string, id: string): DomainError {
  return new DomainError(
    'not_found',
    `There is no ${what} ${id}. Check the id, the server and the API key's organisation.`,
  );
}

/**
 * The run or job that a caller asks for: of its organisation and, for a workflow, of its repository.
 * @throws DomainError `not_found` unless it exists and the caller may see it
 */
export function mustSee<T extends { orgId: string; repositoryId: number | null }>(
  caller: Caller,
  record: T | undefined,
  what: string,
  id: string,
): T {
  if (!record || !maySee(caller, record.orgId)) throw notFound(what, id);
  if (caller.workflow !== null && caller.workflow.repositoryId !== record.repositoryId) throw notFound(what, id);
  return record;
}

/** @throws DomainError `forbidden` unless the caller is the operator */
export function mustBeOperator(caller: Caller): void {
  if (caller.orgId === null && caller.role === 'admin') return;
  throw new DomainError('forbidden', "Only the operator's key (QGJOB_BOOTSTRAP_KEY of the server) may do this.");
}
