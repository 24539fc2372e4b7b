import { Refusal } from './exchange.ts';
import type { Fault } from './faults.ts';

const message = {
  secondary:
    'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
  primary: (id: number | null) => `API rate limit exceeded for installation ID ${id}.`,
};

/** Refusals for going too fast, and until when each installation was told to wait. */
export interface Limits {
  refusal(
    fault: Fault & { kind: 'secondary-limit' | 'primary-limit' },
    installationId: number | null,
    now: number,
  ): Refusal;
  isTooEarly(installationId: number | null, now: number): boolean;
}

export function createLimits(): Limits {
  const notBefore = new Map<number | null, number>();
  return {
    refusal(fault, installationId, now) {
      if (fault.kind === 'primary-limit') {
        // the header counts whole seconds
        const reset = Math.ceil((now + fault.resetInMs) / 1_000);
        notBefore.set(installationId, reset * 1_000);
        const headers = {
          'x-ratelimit-limit': '5000',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(reset),
        };
        return new Refusal(403, message.primary(installationId), { headers });
      }
      const { retryAfterSeconds, status = 403 } = fault;
      // without the header, "wait for at least one minute before retrying"
      notBefore.set(installationId, now + (retryAfterSeconds ?? 60) * 1_000);
      const headers: Record<string, string> =
        retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      return new Refusal(status, message.secondary, { headers });
    },
    isTooEarly: (installationId, now) => now < (notBefore.get(installationId) ?? 0),
  };
}
