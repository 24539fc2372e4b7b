import { afterRepeat, type Delivery } from '../domain/github/delivery.ts';
import type { GithubEvent } from '../domain/github/event.ts';
import type { Deps } from './deps.ts';

export type Receipt = 'accepted' | 'duplicate' | 'ignored';

export interface ReceivedDelivery {
  host: string;
  guid: string;
  event: string;
  action: string | null;
  installationId: number | null;
  /** Null where the event does not matter here, or cannot be understood. */
  payload: GithubEvent | null;
  /** Why it cannot be understood. */
  misfit: string | null;
}

/**
 * Keeps a delivery whose sender is known, and wakes who works on them. One that does not matter is not kept. One that was
 * received before is a duplicate, unless it failed: then it gets another life.
 */
export async function receiveDelivery(
  { store, signals, now }: Pick<Deps, 'store' | 'signals' | 'now'>,
  { misfit, ...received }: ReceivedDelivery,
): Promise<Receipt> {
  if (received.payload === null && misfit === null) return 'ignored';
  const at = now();
  const delivery: Delivery = {
    ...received,
    status: misfit === null ? 'pending' : 'failed',
    attempts: 0,
    nextAttemptAt: at,
    receivedAt: at,
    processedAt: misfit === null ? null : at,
    note: misfit,
  };
  const receipt = await store.transaction(async (tx): Promise<Receipt> => {
    if (await tx.deliveries.insert(delivery)) return 'accepted';
    const known = await tx.deliveries.lock(delivery.host, delivery.guid);
    const again = known && afterRepeat(known, delivery);
    if (!again) return 'duplicate';
    await tx.deliveries.save(again);
    return 'accepted';
  });
  if (receipt === 'accepted') signals.deliveryArrived();
  return receipt;
}
