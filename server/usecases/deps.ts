import type { KeyRole } from '../../contract/words.ts';
import type { Blobs, Logs } from '../blobs/blobs.ts';
import type { Workflow } from '../domain/model.ts';
import type { Policy } from '../domain/policy.ts';
import type { Github } from '../github/github.ts';
import type { Oidc } from '../oidc/oidc.ts';
import type { Store } from '../store/store.ts';
import type { Signals } from './signals.ts';
import type { Stays } from './stays.ts';

/** Everything a use-case may touch. */
export interface Deps {
  store: Store;
  blobs: Blobs;
  logs: Logs;
  signals: Signals;
  stays: Stays;
  oidc: Oidc;
  github: Github;
  policy: Policy;
  /** How long a lease lives without a heartbeat, ms. */
  leaseMs: number;
  /** The server's clock, ms since the epoch. A use-case reads it once. */
  now: () => number;
  /** A new id: the prefix, `_` and 24 hexadecimal digits. */
  newId: (prefix: 'run' | 'job' | 'grp' | 'agt' | 'lse' | 'key' | 'tru') => string;
  /** 128 random bits: a lease token. */
  newToken: () => string;
  /** SHA-256 in lower-case hexadecimal. */
  sha256: (text: string) => string;
}

/** Who calls: what the API key in the request stands for. */
export interface Caller {
  keyId: string;
  /** Null: the operator, or a shared agent; good for every organisation. */
  orgId: string | null;
  role: KeyRole;
  shared: boolean;
  name: string;
  /** Of a session token: the only workflow run it may submit for, of the only repository whose runs it may see. */
  workflow: Workflow | null;
}

/** An Idempotency-Key and the digest of the request it came with. */
export interface Idempotency {
  key: string;
  requestHash: string;
}
