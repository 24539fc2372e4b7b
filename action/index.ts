import { dirname, resolve } from 'node:path';
import * as core from '@actions/core';
import { InvalidInputs, readInputs } from './inputs.ts';
import { createLog } from './log.ts';
import { hasIdentity, readEvent, skipUntrusted, untrustedReason } from './untrusted.ts';

/** Main and post are one bundle: the state that main leaves tells post that it is post. */
const isPost = core.getState('is-post') === 'true';
const cancelled = new Error('The workflow run was cancelled.');

/** The rest is loaded when the inputs are known to be good, so that a mistake in the workflow is told at once. */
async function main(): Promise<void> {
  core.saveState('is-post', 'true');
  const { env } = process;
  if (!core.getInput('api-key') && !hasIdentity(env)) {
    const untrusted = untrustedReason(await readEvent(), env);
    if (untrusted) return skipUntrusted(core, untrusted);
  }
  const inputs = readInputs(core.getInput);
  const abort = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => abort.abort(cancelled));
  const [event, { readWorkflow }, { run }] = await Promise.all([
    readEvent(),
    import('./workflow.ts'),
    import('./run.ts'),
  ]);
  await run({
    inputs,
    workflow: readWorkflow(event, env, inputs),
    env,
    core,
    log: createLog(core.info),
    actionRoot: resolve(dirname(process.argv[1] ?? ''), '..'),
    signal: abort.signal,
  });
}

async function post(): Promise<void> {
  const inputs = readInputs(core.getInput);
  const { cleanUp } = await import('./post.ts');
  await cleanUp({ inputs, env: process.env, core, log: createLog(core.info) });
}

async function fail(error: unknown): Promise<void> {
  if (error instanceof InvalidInputs) {
    // main has told already
    if (!isPost) core.setFailed(error.message);
    return;
  }
  const { explain } = await import('./explain.ts');
  core.setFailed(explain(error));
}

try {
  await (isPost ? post() : main());
} catch (error) {
  await fail(error);
}
// open connections and timers are no reason to stay, words that the runner has not taken yet are
process.stdout.write('', () => process.exit());
