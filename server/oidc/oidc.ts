import type { WorkflowClaims } from '../domain/trust.ts';

/** A token of GitHub Actions whose signature, issuer, audience and times are right. */
export interface WorkflowToken {
  /** Its id, unique for its issuer. */
  jti: string;
  /** When nobody takes it any more, clock skew included, ms since the epoch. */
  deadAt: number;
  claims: WorkflowClaims;
}

/** What tells a workflow's token from any other text. */
export interface Oidc {
  /** What a token for this server must name, and no other server's does. */
  audience: string;
  /** Whose tokens are taken, the usual one first; nothing is ever fetched from anyone else. */
  issuers: readonly string[];
  /**
   * Reads a token. It says nothing about whether the workflow is trusted, nor whether the token was used before.
   * @throws DomainError `unauthenticated` for whatever is no good token, `issuer_unavailable` when its issuer's keys cannot be had
   */
  verify(token: string): Promise<WorkflowToken>;
}
