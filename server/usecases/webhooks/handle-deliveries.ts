import { afterFailure, afterSuccess, type Delivery } from '../../domain/github/delivery.ts';
import type { GithubEvent } from '../../domain/github/event.ts';
import { GithubError } from '../../github/github.ts';
import { change } from '../changes.ts';
import type { Deps } from '../deps.ts';
import { type Act, ignore } from './act.ts';
import { pressButton } from './button.ts';
import { obeyComment } from './comment.ts';
import { noteInstallation, noteRepositories } from './installation.ts';
import { cancelMergeGroup } from './merge-group-destroyed.ts';
import { endUnneededRuns } from './pull-request.ts';
import { rerunCheck, rerunSuite } from './rerequested.ts';
import { cancelWithWorkflow } from './workflow-cancelled.ts';

/** So many are worked on at once: most of the time is waiting for GitHub. */
const batch = 16;

/**
 * Works on stored deliveries until none is due. Call the function it returns when one arrives and every so often, never twice at
 * a time. Each is handled in one unit of work that also marks it as done: what was not is there after any crash, what was is
 * not done again.
 * @param onFailure told of each that could not be handled, as it stands then; `failed` once it is given up
 */
export function createDeliveryWorker(
  deps: Deps,
  onFailure: (delivery: Delivery, error: unknown) => void,
): () => Promise<void> {
  return async () => {
    for (;;) {
      const due = await deps.store.read((tx) => tx.deliveries.due(deps.now(), batch));
      const handled = await Promise.allSettled(due.map((delivery) => handle(deps, delivery, onFailure)));
      for (const each of handled) if (each.status === 'rejected') throw each.reason;
      if (due.length < batch) return;
    }
  };
}

async function handle(
  deps: Deps,
  delivery: Delivery,
  onFailure: (delivery: Delivery, error: unknown) => void,
): Promise<void> {
  const { host, guid } = delivery;
  try {
    const act = await plan(deps, host, delivery.payload);
    await change(deps, async (changes) => {
      const latest = await changes.tx.deliveries.lock(host, guid);
      // another server was faster
      if (latest?.status !== 'pending') return;
      const ignored = await act(changes);
      await changes.tx.deliveries.save(afterSuccess(latest, ignored, changes.now));
    });
  } catch (error) {
    const now = deps.now();
    const failed = await deps.store.transaction(async (tx) => {
      const latest = await tx.deliveries.lock(host, guid);
      if (latest?.status !== 'pending') return null;
      const retryAfterMs = error instanceof GithubError ? error.retryAfterMs : null;
      const after = afterFailure(latest, error instanceof Error ? error.message : String(error), retryAfterMs, now);
      await tx.deliveries.save(after);
      return after;
    });
    if (failed) onFailure(failed, error);
  }
}

function plan(deps: Deps, host: string, event: GithubEvent | null): Promise<Act> {
  switch (event?.kind) {
    case undefined:
      return Promise.resolve(ignore('Its payload was not understood.'));
    case 'pull_request':
      return endUnneededRuns(deps, host, event);
    case 'workflow_cancelled':
      return cancelWithWorkflow(deps, host, event);
    case 'check_rerequested':
      return rerunCheck(deps, host, event);
    case 'suite_rerequested':
      return rerunSuite(deps, host, event);
    case 'button':
      return pressButton(deps, host, event);
    case 'merge_group_destroyed':
      return cancelMergeGroup(deps, host, event);
    case 'comment':
      return obeyComment(deps, host, event);
    case 'installation':
      return noteInstallation(deps, host, event);
    case 'installation_repositories':
      return noteRepositories(deps, host, event);
  }
}
