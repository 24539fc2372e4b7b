/**
 * Why work is given up before its end. `cancelled`: the server asked; its result is reported. `lease_lost`: the work is
 * someone else's now; nothing of it is reported. `stopping`: this agent goes away and gives the work back.
 */
export type WhyEnded = 'cancelled' | 'lease_lost' | 'stopping';

/** The reason of every abort signal in this program. */
export class WorkEnded extends Error {
  override readonly name = 'WorkEnded';
  readonly why: WhyEnded;
  constructor(why: WhyEnded, message: string) {
    super(message);
    this.why = why;
  }
}

/** Why `signal` was aborted; null while it is not. */
export function whyEnded(signal: AbortSignal): WhyEnded | null {
  if (!signal.aborted) return null;
  return signal.reason instanceof WorkEnded ? signal.reason.why : 'stopping';
}
