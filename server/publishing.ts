import type { PublishPace } from './domain/publish-pace.ts';
import type { Log } from './http/log.ts';
import { type Loop, startLoop } from './loops.ts';
import type { Deps } from './usecases/deps.ts';
import { createPublisher } from './usecases/publish-checks.ts';

/**
 * No signal tells of a change: whether one may be told yet is a matter of time nearly always, and to look costs one read of an
 * index that is empty when nothing is due. Not longer, since it adds to the second between two writes.
 */
const lookEveryMs = 250;

/** Tells GitHub of runs that changed. */
export function startPublishing(deps: Deps, publicUrl: string, pace: PublishPace, log: Log): Loop {
  const publisher = createPublisher({
    ...deps,
    publicUrl,
    pace,
    chance: Math.random,
    onTrouble: ({ runId, host, repository }, { kind, message }) =>
      log[kind === 'failed' ? 'error' : 'warn']({ runId, host, repository, kind }, `check run not posted: ${message}`),
    onError: (err) => log.error({ err }, 'a check run could not be published'),
  });
  const loop = startLoop(
    async () => void (await publisher.begin()),
    lookEveryMs,
    (err) => log.error({ err }, 'check runs to publish could not be read'),
  );
  return {
    async stop() {
      await loop.stop();
      await publisher.idle();
    },
  };
}
