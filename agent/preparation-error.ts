/**
 * What a job needs could not be had. `config_error`: what was submitted cannot work anywhere; `infra_error`: it might work
 * later or elsewhere. The message is for the job's author.
 */
export class PreparationError extends Error {
  override readonly name = 'PreparationError';
  readonly outcome: 'config_error' | 'infra_error';
  constructor(outcome: 'config_error' | 'infra_error', message: string, cause?: unknown) {
    super(message, { cause });
    this.outcome = outcome;
  }
}
