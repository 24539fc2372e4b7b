interface LoggedDelivery {
  id: number;
  guid: string;
  deliveredAt: number;
  isSuccess: boolean;
}

/** A delivery that failed is asked for again at once, then after pauses that double from this one. */
const firstPauseMs = 5 * 60_000;

/**
 * The deliveries to ask GitHub for again, by the id of their latest attempt, oldest first. GitHub's own log tells how often a
 * delivery was sent, so that one that always fails is asked for ever more seldom, whoever asks.
 * @param log as far back as is looked, attempts of one delivery under one GUID
 * @param received the GUIDs that were received, whatever became of them
 */
export function missedDeliveries(log: readonly LoggedDelivery[], received: ReadonlySet<string>, now: number): number[] {
  const attempts = new Map<string, LoggedDelivery[]>();
  for (const each of log) attempts.set(each.guid, [...(attempts.get(each.guid) ?? []), each]);
  const missed = [...attempts]
    .filter(([guid, all]) => !received.has(guid) && !all.some(({ isSuccess }) => isSuccess))
    .flatMap(([, all]) => {
      const latest = all.reduce((a, b) => (b.deliveredAt > a.deliveredAt ? b : a));
      const pauseMs = all.length === 1 ? 0 : firstPauseMs * 2 ** (all.length - 2);
      return latest.deliveredAt + pauseMs <= now ? [latest] : [];
    });
  return missed.sort((a, b) => a.deliveredAt - b.deliveredAt).map(({ id }) => id);
}
