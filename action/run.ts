import { setImmediate as nextTurn } from 'node:timers/promises';
import { cancelAbandoned } from '../client/lease.ts';
import { writeJunit } from '../client/result-files.ts';
import { UnreachableError } from '../contract/client.ts';
import type { Run } from '../contract/run.ts';
import { conclude } from './conclude.ts';
import { type Connect, connectAs, missingIdentity } from './credentials.ts';
import { runLocally } from './fallback.ts';
import { follow } from './follow.ts';
import { outputsOfSubmission } from './outputs.ts';
import { type Step, setOutputs } from './step.ts';
import { compose, submit } from './submit.ts';
import { renderAwaiting, renderSubmitted } from './summary.ts';
import { hasIdentity } from './untrusted.ts';

/**
 * The step's main work: submit, follow, tell.
 * @throws UserError, ProblemError, UnreachableError: why the step cannot go on; the signal's reason when it was cancelled
 */
export async function run(step: Step): Promise<void> {
  const { inputs, env, core, log } = step;
  if (!inputs.apiKey && !hasIdentity(env)) throw missingIdentity(inputs.orgId, env);
  const submission = await compose(step);
  const connect = connectAs(inputs, core);
  let submitted: Run;
  try {
    submitted = await submit(step, connect, submission);
  } catch (error) {
    if (inputs.fallback !== 'local' || !(error instanceof UnreachableError)) throw error;
    log.line(`${error.message}; running here instead.`);
    await runLocally(step, submission.app?.path);
    return;
  }
  core.saveState('run-id', submitted.id);
  setOutputs(step, outputsOfSubmission(submitted, submission.app?.sha256));
  tellSubmitted(step, submitted);
  if (submitted.awaiting_approval) {
    await leaveToMaintainer(step, submitted);
    return;
  }
  // a signal that came before the answer may stand behind it in line
  await nextTurn();
  if (!inputs.wait && !step.signal.aborted) {
    core.saveState('ended', 'true');
    await core.summary.addRaw(renderSubmitted(submitted)).write();
    return;
  }
  await followToEnd(step, connect, submitted);
}

/** A fork's commit waits for a person, and a runner that waits with it would be idle for hours. */
async function leaveToMaintainer({ core }: Step, run: Run): Promise<void> {
  core.saveState('ended', 'true');
  core.setOutput('status', 'awaiting-approval');
  core.notice(`${run.reason} ${run.url}`, { title: 'qgjob: not run yet' });
  await core.summary.addRaw(renderAwaiting(run)).write();
}

async function followToEnd(step: Step, connect: Connect, { id }: Run): Promise<void> {
  const { inputs, core, log, signal } = step;
  const client = connect();
  try {
    const completed = await follow(step, client, id);
    core.saveState('ended', 'true');
    const { body: report } = await client.runReport({ params: { id } });
    await conclude(step, { run: completed, report, writeJunit: (path) => writeJunit(client, id, path) });
  } catch (error) {
    if (!signal.aborted) throw error;
    if (!inputs.cancelOnAbort) {
      log.line(`${id} goes on, as cancel-on-abort is false.`);
    } else if (await cancelAbandoned(client, id)) {
      setOutputs(step, { conclusion: 'cancelled' });
      log.line(`Cancelled ${id}.`);
    } else {
      log.line(`The server did not confirm that ${id} is cancelled; it will be when nobody has renewed its lease.`);
    }
    throw error;
  }
}

function tellSubmitted({ workflow, log }: Step, run: Run): void {
  const count = (n: number) => `${n} ${n === 1 ? 'test file' : 'test files'}`;
  const carried = run.jobs.filter((job) => job.carried_from !== null).length;
  log.line(`Submitted ${run.id}, ${count(run.jobs.length)} for ${run.app_version_id} on ${run.target}  ${run.url}`);
  if (carried > 0) {
    log.line(`${count(carried)} passed in an earlier attempt of this workflow run and will not run again.`);
  } else if (workflow.isRerun && run.retry_of === null) {
    log.line(
      'Nothing is carried over: no earlier attempt of this workflow run tested the same app with the same tests.',
    );
  }
}
