import { cancelAbandoned } from '../client/lease.ts';
import { connectAs } from './credentials.ts';
import type { Step } from './step.ts';
import { hasIdentity } from './untrusted.ts';

/** After the job, whatever became of it: cancels the run of a step that was stopped before the run had ended. Repeating it is harmless. */
export async function cleanUp({
  inputs,
  env,
  core,
  log,
}: Pick<Step, 'inputs' | 'env' | 'core' | 'log'>): Promise<void> {
  const id = core.getState('run-id');
  if (id === '' || core.getState('ended') === 'true' || !inputs.cancelOnAbort) return;
  if (!inputs.apiKey && !hasIdentity(env)) return;
  const confirmed = await cancelAbandoned(connectAs(inputs, core)(), id);
  log.line(
    confirmed
      ? `${id} is cancelled.`
      : `The server did not confirm that ${id} is cancelled; it will be when nobody has renewed its lease.`,
  );
}
