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

/** Another organisation's thing and none at all are told alike. */
export function notFound(what: string, id: string): DomainError {
  return new DomainError(
    'not_found',
    `There is no ${what} ${id}. Check the id, the server and the API key's organisation.`,
  );
}

/** @throws DomainError `not_found` unless the record exists and the caller may see it */
export function mustSee<T extends { orgId: string }>(
  caller: Caller,
  record: T | undefined,
  what: string,
  id: string,
): T {
  if (!record || !maySee(caller, record.orgId)) throw notFound(what, id);
  return record;
}

/** @throws DomainError `forbidden` unless the caller is the operator */
export function mustBeOperator(caller: Caller): void {
  if (caller.orgId === null && caller.role === 'admin') return;
  throw new DomainError('forbidden', "Only the operator's key (QGJOB_BOOTSTRAP_KEY of the server) may do this.");
}
