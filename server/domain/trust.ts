import type { TrustPolicyBody } from '../../contract/org.ts';
import { plainLine } from './plain-text.ts';

/**
 * What GitHub says of the workflow that asks. `sub` is not among it: its form differs by the age of a repository and by
 * the wish of its organisation. Names are for people; only ids are trusted.
 */
export interface WorkflowClaims {
  /** Which GitHub says so. */
  issuer: string;
  repository: string;
  repositoryId: number;
  repositoryOwnerId: number;
  ref: string | null;
  environment: string | null;
  eventName: string;
  jobWorkflowRef: string | null;
  runId: number;
  runAttempt: number;
}

export interface TrustPolicy {
  id: string;
  body: TrustPolicyBody;
}

export type TrustDecision<P> = { policy: P; refusal: null } | { policy: null; refusal: string };

/** Started by whoever can write a comment or open a pull request, and easily made to run their code with the repository's rights. */
const openToOutsiders = new Set(['pull_request_target', 'workflow_run', 'issue_comment']);

/** Whom a workflow asks. */
interface Asked {
  orgId: string;
  /** What a policy is bound to that is made without an issuer. */
  defaultIssuer: string | undefined;
}

/**
 * The policy of an organisation by which a workflow may have a session token: the one that allows most, the oldest of
 * those. Otherwise why not and what to do. Nothing is told of policies for repositories other than the caller's own.
 * @param policies those of the organisation, oldest first; none where there is no such organisation, which is told alike
 */
export function decideTrust<P extends TrustPolicy>(
  asked: Asked,
  policies: readonly P[],
  claims: WorkflowClaims,
): TrustDecision<P> {
  const ofRepository = policies.filter(
    ({ body }) =>
      body.issuer === claims.issuer &&
      body.repository_id === claims.repositoryId &&
      body.repository_owner_id === claims.repositoryOwnerId,
  );
  const fitting = ofRepository.filter(({ body }) => misfitOf(body, claims) === null);
  const policy = fitting.find(({ body }) => body.role === 'submit') ?? fitting[0];
  if (policy) return { policy, refusal: null };
  const [nearest] = ofRepository;
  const misfit = nearest && misfitOf(nearest.body, claims);
  if (!nearest || !misfit) return { policy: null, refusal: nothingFits(asked, claims) };
  const others = ofRepository.length > 1 ? ` Nor does any of the ${ofRepository.length - 1} others for it.` : '';
  return { policy: null, refusal: `Trust policy ${nearest.id} of this repository does not fit: ${misfit}${others}` };
}

function nothingFits({ orgId, defaultIssuer }: Asked, claims: WorkflowClaims): string {
  const { issuer, repository, repositoryId, repositoryOwnerId } = claims;
  const name = plainLine(repository, 128);
  const elsewhere = issuer === defaultIssuer ? '' : ` --issuer=${issuer}`;
  return (
    `No trust policy of organisation ${orgId} fits repository_id ${repositoryId} (${name}), ` +
    `repository_owner_id ${repositoryOwnerId}. An admin of ${orgId} adds one with: qgjob trust add --org-id=${orgId} ` +
    `--repository-id=${repositoryId} --owner-id=${repositoryOwnerId} --repository=${name}${elsewhere}`
  );
}

/** The first thing a policy asks for that the workflow is not, and what to do about it; null where it fits. */
function misfitOf(policy: TrustPolicyBody, claims: WorkflowClaims): string | null {
  const { ref, environment, event_names, job_workflow_ref } = policy;
  if (event_names === undefined && openToOutsiders.has(claims.eventName)) {
    return (
      `event ${claims.eventName} can be made to run other people's code with this repository's rights. ` +
      `Start the tests by pull_request, or add a policy with --event=${claims.eventName} if you are sure.`
    );
  }
  if (event_names !== undefined && !event_names.includes(claims.eventName)) {
    return unequal('event', event_names.join(' or '), claims.eventName);
  }
  if (ref !== undefined && ref !== claims.ref) return unequal('ref', ref, claims.ref);
  if (environment !== undefined && environment !== claims.environment) {
    return unequal('environment', environment, claims.environment);
  }
  if (job_workflow_ref !== undefined && job_workflow_ref !== claims.jobWorkflowRef) {
    return unequal('job_workflow_ref', job_workflow_ref, claims.jobWorkflowRef);
  }
  return null;
}

function unequal(what: string, asked: string, is: string | null): string {
  const has = is === null ? 'none' : plainLine(is, 200);
  return `it asks for ${what} ${plainLine(asked, 200)}, this workflow has ${has}. Run it so, or add a policy that fits.`;
}
