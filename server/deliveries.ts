import type { Log } from './http/log.ts';
import { type Loop, startLoop, startWokenLoop } from './loops.ts';
import type { Deps } from './usecases/deps.ts';
import { createDeliveryWorker } from './usecases/webhooks/handle-deliveries.ts';
import { redeliverMissed } from './usecases/webhooks/redeliver-missed.ts';

/** What no signal tells of: deliveries to be tried again, and those that another server of this database received. */
const lookEveryMs = 2_000;
const missedEveryMs = 10 * 60_000;

/** Works on the deliveries of GitHub, and asks for those that were missed: at once, and every so often. */
export function startDeliveries(deps: Deps, log: Log): Loop {
  const work = createDeliveryWorker(deps, ({ host, guid, event, action, status, attempts }, err) => {
    const level = status === 'failed' ? 'error' : 'warn';
    log[level]({ err, host, guid, event, action, attempts }, 'a delivery of GitHub could not be handled');
  });
  const worker = startWokenLoop(work, deps.signals.untilDeliveryArrives, lookEveryMs, (err) =>
    log.error({ err }, 'deliveries of GitHub could not be worked on'),
  );
  const lookForMissed = async () => {
    const asked = await redeliverMissed(deps);
    if (asked > 0) log.info({ asked }, 'asked GitHub again for deliveries that were missed');
  };
  const onError = (err: unknown) => log.warn({ err }, 'missed deliveries of GitHub could not be looked for');
  const missed = startLoop(lookForMissed, missedEveryMs, onError, 0);
  return {
    async stop() {
      await Promise.all([worker.stop(), missed.stop()]);
    },
  };
}
