import {
  type Problem,
  type ProblemCode,
  type ProblemExtras,
  type ProblemItem,
  problems,
} from '../../contract/problem.ts';
import { DomainError } from '../domain/errors.ts';

/** An error of this protocol alone: what a use-case cannot know, and the headers that belong to it. */
export class HttpError extends DomainError {
  readonly headers: Record<string, string>;

  constructor(code: ProblemCode, detail: string, headers: Record<string, string> = {}, extras: ProblemExtras = {}) {
    super(code, detail, extras);
    this.headers = headers;
  }
}

/** How long a client should leave an overloaded, limited or stopping server alone, in seconds. */
const retryAfterSeconds: Partial<Record<ProblemCode, string>> = {
  limit_exceeded: '10',
  overloaded: '1',
  draining: '1',
  idempotency_in_flight: '1',
  issuer_unavailable: '5',
};

/** An error as it is told: RFC 9457. Of anything but a DomainError nothing is told but the request's id. */
export function problemOf(error: unknown, requestId: string): { problem: Problem; headers: Record<string, string> } {
  if (!(error instanceof DomainError)) {
    const detail = `The server failed in an unexpected way. Its log has the cause under request ${requestId}.`;
    return { problem: problemDocument('internal', detail, requestId, {}), headers: {} };
  }
  const after = retryAfterSeconds[error.code];
  return {
    problem: problemDocument(error.code, error.message, requestId, error.extras),
    headers: {
      ...(after === undefined ? {} : { 'retry-after': after }),
      // every 401 names a scheme (RFC 9110, 11.6.1)
      ...(error.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer' } : {}),
      ...(error instanceof HttpError ? error.headers : {}),
    },
  };
}

function problemDocument(code: ProblemCode, detail: string, requestId: string, extras: ProblemExtras): Problem {
  const { status, title } = problems[code];
  return { type: `/docs#${code}`, title, status, code, detail, request_id: requestId, ...extras };
}

/** @returns the error for a request that does not fit its route's schemas */
export function validationFailed(errors: ProblemItem[]): DomainError {
  const [first] = errors;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  const detail = first ? `${first.path}: ${first.message}${more}.` : 'The request is not valid.';
  return new DomainError('validation_failed', detail, { errors });
}
