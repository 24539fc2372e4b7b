import type { Command } from 'commander';
import { exitCodes } from '../client/exit-codes.ts';
import { UserError } from '../client/user-error.ts';
import type { Client } from '../contract/client.ts';

/** The run or the job a command is about. */
export interface Subject {
  kind: 'run' | 'job';
  id: string;
}

/** Declares the ways to name a run or a job: `--job-id`, `--run-id`, or the id alone. */
export function withSubject(command: Command): Command {
  return command
    .argument('[id]', 'the id of a run or a job, as submit printed it')
    .option('--job-id <id>', 'the job')
    .option('--run-id <id>', 'the run');
}

/**
 * Which run or job was named. The ids of this server say themselves what they are, so that an id under the wrong flag is still
 * understood.
 * @throws UserError unless exactly one was named.
 */
export function subjectOf(command: Command): Subject {
  const { jobId, runId } = command.opts<{ jobId?: string; runId?: string }>();
  const named = [jobId, runId, command.args[0]].filter((id) => id !== undefined);
  const [id] = named;
  if (id === undefined || named.length > 1) {
    const verb = command.name();
    throw new UserError(
      named.length > 1 ? 'Name one run or one job, not several.' : 'Which run or job?',
      exitCodes.usage,
      [`For example: qgjob ${verb} --job-id=job_…  or  qgjob ${verb} --run-id=run_…  ('qgjob list' shows them)`],
    );
  }
  if (id.startsWith('run_')) return { kind: 'run', id };
  if (id.startsWith('job_')) return { kind: 'job', id };
  return { kind: runId === undefined ? 'job' : 'run', id };
}

/** The run a subject is, or belongs to. */
export async function runIdOf(client: Client, subject: Subject): Promise<string> {
  if (subject.kind === 'run') return subject.id;
  return (await client.getJob({ params: { id: subject.id } })).body.run_id;
}
