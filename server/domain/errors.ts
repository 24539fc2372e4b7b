import type { ProblemCode, ProblemExtras } from '../../contract/problem.ts';

/**
 * The one error every use-case throws: a code of the closed list in contract/problem, and a text for the caller that says
 * what to do next. Whatever else is thrown is a bug and answered as `internal`.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
  }
}
