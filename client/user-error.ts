/** An error the command line itself finds: what happened, in one line, and what to do next. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: number;
  readonly advice: readonly string[];
  constructor(message: string, exitCode: number, advice: readonly string[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.advice = advice;
  }
}
