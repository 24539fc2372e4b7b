/**
 * Which devices were told a moment ago to stay with their group, in this process. It only spares the scheduler a question: a stay
 * that was forgotten is asked for again.
 */
export interface Stays {
  note(leaseId: string, now: number): void;
  holds(leaseId: string, now: number): boolean;
}

/** @param forMs how long an answer holds; 0: every time is asked */
export function createStays(forMs: number): Stays {
  const notedAt = new Map<string, number>();
  return {
    note(leaseId, now) {
      // the newest last, so that what is over stands first
      notedAt.delete(leaseId);
      notedAt.set(leaseId, now);
      for (const [oldest, at] of notedAt) {
        if (now - at < forMs) break;
        notedAt.delete(oldest);
      }
    },
    holds(leaseId, now) {
      const ageMs = now - (notedAt.get(leaseId) ?? Number.NEGATIVE_INFINITY);
      return ageMs >= 0 && ageMs < forMs;
    },
  };
}
