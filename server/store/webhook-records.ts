import type { Approval, Delivery, Installation } from '../domain/github/delivery.ts';
import type { Quarantine } from '../domain/quarantine.ts';

/** The part of the store's port that is about what GitHub tells, and what people ask for there. */

export interface DeliveryRecords {
  /** False when a delivery of that GUID is known already. */
  insert(delivery: Delivery): Promise<boolean>;
  find(host: string, guid: string): Promise<Delivery | undefined>;
  /** The delivery, kept from other units of work until this one ends. */
  lock(host: string, guid: string): Promise<Delivery | undefined>;
  save(delivery: Delivery): Promise<void>;
  /** Those pending whose time has come, longest due first. */
  due(now: number, limit: number): Promise<Delivery[]>;
  /** Which of these were received. */
  known(host: string, guids: readonly string[]): Promise<Set<string>>;
  totals(): Promise<{ pending: number; failed: number }>;
  /** Deletes those that ended at or before `at`, so many at most. */
  forgetEnded(at: number, limit: number): Promise<void>;
}

export interface ApprovalRecords {
  /**
   * Whether somebody approved a commit, kept from other units of work until this one ends even where nobody has: so that of
   * an approval and a submission at the same moment one sees the other.
   */
  lock(host: string, repositoryId: number, headSha: string): Promise<Approval>;
  /** Writes a locked approval. */
  save(approval: Approval): Promise<void>;
}

export interface QuarantineRecords {
  /** Adds it, or puts it in the place of the one with its id. */
  put(quarantine: Quarantine): Promise<void>;
  /** Those that last longer than `now`, of one repository or of all of the org's for null; soonest to end first. */
  active(orgId: string, repositoryId: number | null, now: number): Promise<Quarantine[]>;
  /** False when the org has none of that id. */
  delete(orgId: string, id: string): Promise<boolean>;
  /** Deletes those over by `now`, so many at most. */
  forgetOver(now: number, limit: number): Promise<void>;
}

/**
 * Where the App may not act, as far as webhooks told. Who posts asks here first: posting to a suspended installation or a
 * removed repository can only fail, and goes on by itself once GitHub tells that it may.
 */
export interface InstallationRecords {
  put(installation: Installation): Promise<void>;
  /** Undefined: no webhook told of it, which is no reason not to try. */
  find(host: string, id: number): Promise<Installation | undefined>;
  /** Notes repositories that an installation no longer reaches, or reaches again. */
  markRepository(host: string, repositoryId: number, removedAt: number | null): Promise<void>;
  isRemoved(host: string, repositoryId: number): Promise<boolean>;
}
