import { z } from 'zod';

/**
 * Every error this API answers: its HTTP status and its title. The one table between the server's errors and HTTP, read in
 * both directions.
 */
export const problems = {
  malformed_json: { status: 400, title: 'The body is not JSON' },
  malformed_request: { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'A valid API key is needed' },
  forbidden: { status: 403, title: 'This key may not do that' },
  org_mismatch: { status: 403, title: 'This key belongs to another organisation' },
  setup_refused: { status: 403, title: 'This registration cannot be gone on with' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This path does not take that method' },
  org_exists: { status: 409, title: 'This organisation id is taken' },
  app_version_conflict: { status: 409, title: 'This app version is registered with other bytes' },
  lease_lost: { status: 409, title: 'The lease is no longer yours' },
  result_conflict: { status: 409, title: 'Another result is stored already' },
  illegal_transition: { status: 409, title: 'The job is not in a state that allows this' },
  already_completed: { status: 409, title: 'It has completed already' },
  not_completed: { status: 409, title: 'It has not completed yet' },
  github_app_exists: { status: 409, title: 'This GitHub has its App already' },
  agent_draining: { status: 409, title: 'This agent takes no new work' },
  idempotency_in_flight: { status: 409, title: 'A request with this idempotency key is still in flight' },
  length_required: { status: 411, title: 'The request needs a Content-Length' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'This route takes another content type' },
  offset_mismatch: { status: 416, title: 'The log continues at another offset' },
  range_not_satisfiable: { status: 416, title: 'The range lies outside the content' },
  validation_failed: { status: 422, title: 'The request is not valid' },
  idempotency_key_reused: { status: 422, title: 'This idempotency key was used with another body' },
  blob_hash_mismatch: { status: 422, title: 'The bytes do not have that SHA-256' },
  blob_unknown: { status: 422, title: 'The bytes have not been uploaded' },
  nothing_to_retry: { status: 422, title: 'There is nothing to retry' },
  limit_exceeded: { status: 429, title: 'A limit of this organisation is reached' },
  internal: { status: 500, title: 'The server failed' },
  not_available: { status: 501, title: 'This part is not available on this server' },
  github_unavailable: { status: 502, title: 'GitHub does not do what it was asked' },
  overloaded: { status: 503, title: 'The server is overloaded' },
  draining: { status: 503, title: 'The server is shutting down' },
  issuer_unavailable: { status: 503, title: 'The issuer of the token does not answer' },
  storage_full: { status: 507, title: 'The server has no space left' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

/** One thing wrong with a request: where (`body.tests[0]`, `query.limit`) and what to write instead. */
export const ProblemItem = z.strictObject({ path: z.string(), message: z.string() });
export type ProblemItem = z.infer<typeof ProblemItem>;

/** An RFC 9457 problem document, `application/problem+json`. Members of some codes only: see each. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(codes),
  detail: z.string(),
  request_id: z.string(),
  errors: z.array(ProblemItem).optional(),
  /** offset_mismatch: the number of bytes the server has. */
  offset: z.int().optional(),
  /** app_version_conflict: what is registered, and what was sent. */
  registered_sha256: z.string().optional(),
  submitted_sha256: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

/** The members of a problem document that only some codes carry. */
export type ProblemExtras = Partial<Pick<Problem, 'errors' | 'offset' | 'registered_sha256' | 'submitted_sha256'>>;
