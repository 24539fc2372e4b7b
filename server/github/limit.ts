/** GitHub's word where it refuses and names no time: "wait for at least one minute before retrying". */
const unnamedWaitMs = 60_000;

/** A reset is told by GitHub's clock, which is known to a second or so. */
const clockMarginMs = 2_000;

/**
 * How long a refusal asks to wait, ms from now; null when it is no limit. In GitHub's order: `retry-after`, the reset of an
 * exhausted limit, a minute. Source: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
 * @param now GitHub's clock, ms since the epoch: what the reset is told by
 */
export function limitOf(status: number, headers: Headers, message: string, now: number): number | null {
  const after = headers.get('retry-after');
  if (after !== null && /^\d{1,6}$/.test(after)) return Number(after) * 1_000;
  if (status !== 403 && status !== 429) return null;
  const reset = headers.get('x-ratelimit-reset');
  if (headers.get('x-ratelimit-remaining') === '0' && reset !== null && /^\d{1,12}$/.test(reset)) {
    return Math.max(0, Number(reset) * 1_000 - now) + clockMarginMs;
  }
  return status === 429 || /rate limit|abuse detection/i.test(message) ? unnamedWaitMs : null;
}
