import { globSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../client/exit-codes.ts';
import { clientLeaseSeconds } from '../client/lease.ts';
import { orgOf } from '../client/org.ts';
import { send } from '../client/send.ts';
import { composeSubmission, type Submission } from '../client/submission.ts';
import { UserError } from '../client/user-error.ts';
import type { Run } from '../contract/run.ts';
import type { Connect } from './credentials.ts';
import type { Step } from './step.ts';

/** Once cancelled, a submission that is on its way has this long to be answered, so that its run can be cancelled. */
const graceMs = 2000;

/** Reads what the inputs name from the workspace. @throws UserError */
export async function compose({ inputs, workflow, log }: Step): Promise<Submission> {
  const { workspace } = workflow;
  const app = inputs.wish.app === undefined ? undefined : firstMatch(inputs.wish.app, workspace, log.line);
  const submission = await composeSubmission({ ...inputs.wish, app }, workspace);
  if (submission.project.config === null) {
    log.line(
      `No Playwright or AppWright configuration in ${submission.project.folder}: paths are submitted as they are, for the agents' own workspace. The input working-directory names a project.`,
    );
  }
  return {
    ...submission,
    body: {
      ...submission.body,
      github: workflow.github,
      supersede: inputs.supersede ?? workflow.eventName.startsWith('pull_request'),
      ...(inputs.sideEffects ? { side_effects: true } : {}),
      ...(workflow.isRerun && inputs.carryOver ? { carry_over: true } : {}),
    },
  };
}

function firstMatch(pattern: string, cwd: string, say: (text: string) => void): string {
  const found = globSync(pattern, { cwd }).sort();
  const [first] = found;
  if (first === undefined) {
    throw new UserError(`app-file: nothing matches ${JSON.stringify(pattern)}.`, exitCodes.usage, [
      `Paths and globs are relative to ${cwd}. Was the app built in an earlier step of this job?`,
    ]);
  }
  if (found.length > 1) say(`app-file matches ${found.length} files; ${first} is taken. Name one to be sure.`);
  return first;
}

/**
 * Uploads what the server lacks and submits.
 * @throws UserError, ProblemError, UnreachableError; the signal's reason when the step is cancelled before the server answered
 */
export async function submit(step: Step, connect: Connect, submission: Submission): Promise<Run> {
  return withGrace(sendAs(step, connect, submission), step.signal);
}

async function sendAs({ inputs, workflow, log, signal }: Step, connect: Connect, submission: Submission): Promise<Run> {
  return send(submission, {
    connect,
    orgId: await orgOf(connect(), inputs.orgId),
    bundle: true,
    clientLeaseSeconds: inputs.wait ? clientLeaseSeconds : undefined,
    idempotencyKey: workflow.idempotencyKey,
    progress: { say: log.line, task: quarters(log.line) },
    signal,
  });
}

/** A bar in a log is noise: of a long upload every quarter is told. */
function quarters(say: (text: string) => void): (text: string) => void {
  let told = '';
  return (text) => {
    const [, what, percent] = /^(.*): (\d+) % of /.exec(text) ?? [];
    const mark = what === undefined ? text : `${what} ${Math.floor(Number(percent) / 25)}`;
    if (mark === told) return;
    told = mark;
    say(text);
  };
}

async function withGrace<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const settled = new AbortController();
  const tooLate = new Promise<never>((_, reject) => {
    const wait = () => {
      sleep(graceMs, undefined, { signal: settled.signal }).then(
        () => reject(signal.reason),
        () => {},
      );
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    settled.abort();
  }
}
