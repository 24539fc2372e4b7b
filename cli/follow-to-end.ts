import { exitCodes } from '../client/exit-codes.ts';
import { cancelAbandoned } from '../client/lease.ts';
import type { Client } from '../contract/client.ts';
import type { Run } from '../contract/run.ts';
import type { Cli } from './cli.ts';
import { concludeRun, type OutcomeFlags } from './completed-run.ts';
import type { Progress } from './render/progress.ts';
import { waitForRun } from './waiting.ts';

/** Waits for a run this command has submitted, cancels it when interrupted, and says the exit code. */
export async function followToEnd(
  cli: Cli,
  client: Client,
  run: Run,
  flags: OutcomeFlags,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  try {
    const completed = await waitForRun(client, run.id, { progress, signal, leased: true });
    progress.end();
    return await concludeRun(cli, client, completed, flags);
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.end();
    cli.note(await giveUp(client, run));
    return exitCodes.interrupted;
  }
}

async function giveUp(client: Client, { id, deduplicated }: Run): Promise<string> {
  // somebody else's identical submission is theirs to cancel
  if (deduplicated) return `${id} goes on: it was submitted before this command.`;
  if (await cancelAbandoned(client, id)) return `Cancelled ${id}.`;
  return `The server did not confirm that ${id} is cancelled; it will be when this client's lease ends.`;
}
