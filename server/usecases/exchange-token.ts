import { makeApiKey } from '../domain/api-key.ts';
import { DomainError } from '../domain/errors.ts';
import { plainLine } from '../domain/plain-text.ts';
import { decideTrust } from '../domain/trust.ts';
import type { Deps } from './deps.ts';

/** As long as GitHub's own installation tokens; whoever works longer exchanges another token. */
const sessionMs = 3_600_000;

/**
 * A session token for the workflow run that an OIDC token of GitHub Actions is of, if the organisation trusts it. Each OIDC
 * token is good for one session: the session and the note that the token was used are written as one.
 * @param randomBytes `apiKeyRandomBytes` bytes from a cryptographic source
 * @throws DomainError `unauthenticated` for a token that is none or was exchanged before, `forbidden` when no trust policy
 * fits, alike whether there is such an organisation or not, `issuer_unavailable`
 */
export async function exchangeToken(
  deps: Deps,
  { token, org_id: orgId }: { token: string; org_id: string },
  randomBytes: () => Uint8Array,
): Promise<{ text: string; expiresAt: number }> {
  const { jti, deadAt, claims } = await deps.oidc.verify(token);
  const { issuer, repository, repositoryId, runId, runAttempt } = claims;
  const now = deps.now();
  const expiresAt = now + sessionMs;
  const text = makeApiKey(randomBytes(), 'session');
  await deps.store.transaction(async (tx) => {
    const asked = { orgId, defaultIssuer: deps.oidc.issuers[0] };
    const { policy, refusal } = decideTrust(asked, await tx.accounts.lockPolicies(orgId), claims);
    if (!policy) throw new DomainError('forbidden', refusal);
    if (!(await tx.accounts.useToken({ issuer, jti, deadAt }))) {
      throw new DomainError(
        'unauthenticated',
        'The token was exchanged before, and is good once. Ask GitHub for a new one.',
      );
    }
    await tx.accounts.insertKey({
      id: deps.newId('key'),
      orgId,
      role: policy.body.role,
      name: plainLine(`${repository} workflow run ${runId}.${runAttempt}`, 128),
      hash: deps.sha256(text),
      shared: false,
      createdAt: now,
      expiresAt,
      revokedAt: null,
      lastUsedAt: null,
      trustPolicyId: policy.id,
      workflow: { repository, repositoryId, runId, runAttempt },
    });
  });
  return { text, expiresAt };
}
