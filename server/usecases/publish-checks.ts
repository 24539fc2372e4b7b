import { renderCheck } from '../domain/check/check.ts';
import type { CheckLane, CheckRun } from '../domain/check/run.ts';
import type { PublishPace } from '../domain/publish-pace.ts';
import type { Deps } from './deps.ts';
import { loadCheckView } from './load-check-view.ts';
import { settleCheck, type Taken, takeCheck } from './take-check.ts';
import { type Written, writeCheck } from './write-check.ts';

export interface PublisherDeps extends Deps {
  /** Where people reach this server, without a trailing slash. */
  publicUrl: string;
  pace: PublishPace;
  /** From 0 to 1. */
  chance: () => number;
  /** Told once of each check run that cannot be posted, and of each lane that begins to fail. */
  onTrouble: (check: CheckRun, written: Extract<Written, { message: string }>) => void;
  onError: (error: unknown) => void;
}

/** Tells GitHub what check runs show. */
export interface Publisher {
  /** Begins one write in every lane that has one due and that nobody writes in. Resolves with how many lanes that were. */
  begin(): Promise<number>;
  /** Resolves when every write that was begun has ended. */
  idle(): Promise<void>;
}

/**
 * Lanes do not wait for one another: one whose GitHub hangs holds one of its host's places until its request times out. A place
 * is taken for one write, not for as long as a lane has something to tell.
 */
export function createPublisher(deps: PublisherDeps): Publisher {
  const writing = new Map<string, Set<Promise<void>>>();
  const start = (host: Set<Promise<void>>, lane: CheckLane) => {
    const write: Promise<void> = publishOne(deps, lane)
      .catch(deps.onError)
      .finally(() => host.delete(write));
    host.add(write);
  };
  return {
    async begin() {
      let begun = 0;
      for (const { host } of deps.github.apps()) {
        const there = writing.get(host) ?? new Set();
        writing.set(host, there);
        const places = deps.pace.lanesPerHost - there.size;
        if (places <= 0) continue;
        const lanes = await deps.store.read((tx) => tx.checks.dueLanes(host, deps.now(), places));
        for (const lane of lanes) start(there, lane);
        begun += lanes.length;
      }
      return begun;
    },
    async idle() {
      const all = [...writing.values()].flatMap((there) => [...there]);
      await Promise.all(all);
    },
  };
}

async function publishOne(deps: PublisherDeps, lane: CheckLane): Promise<void> {
  const taken = await takeCheck(deps, lane, deps.pace.leaseMs);
  if (!taken) return;
  const { written, hash } = await tell(deps, taken);
  const { check } = taken;
  const hasNews = written.kind === 'unpostable' || written.kind === 'failed' || taken.lane.failures === 0;
  if ('message' in written && hasNews) deps.onTrouble(check, written);
  const { spacingMs } = deps.pace;
  await settleCheck(deps, taken, { written, hash, spacingMs, chance: deps.chance() });
}

/** Renders a run as it stands now, whatever it was wanted for, and writes that. */
async function tell(
  deps: PublisherDeps,
  { check, lane, expiresAt }: Taken,
): Promise<{ written: Written; hash: string }> {
  const { publicUrl, pace } = deps;
  const app = deps.github.app(check.host);
  const view = await deps.store.read(async (tx) => {
    const run = await tx.runs.find(check.runId);
    return run && loadCheckView(deps, tx, run, deps.now());
  });
  if (!app || !view) {
    const message = app ? 'There is no such run.' : `This server has no App on ${check.host}.`;
    return { written: { kind: 'unpostable', message, known: { ...check, installationId: null } }, hash: '' };
  }
  const output = renderCheck({ ...view, publicUrl });
  const detailsUrl = `${publicUrl}/runs/${check.runId}`;
  const hash = deps.sha256(JSON.stringify([check.name, detailsUrl, output]));
  const written = await writeCheck({
    app,
    check,
    installationId: lane.installationId,
    installation: (id) => deps.store.read((tx) => tx.installations.find(check.host, id)),
    output,
    detailsUrl,
    isUnchanged: hash === check.publishedHash,
    mayWrite: () => deps.now() + pace.reserveMs <= expiresAt,
  });
  return { written, hash };
}
