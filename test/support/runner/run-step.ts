import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { readAction } from './action-file.ts';
import { holds } from './expressions.ts';
import { type Phase, runPhase } from './phase.ts';
import { secretsOf } from './secrets.ts';
import { contextsOf, environmentOf, inputEnvironment, type Workflow } from './step-contexts.ts';
import { runnersSignalTimes, type SignalTimes, type StepProcess } from './step-process.ts';

/** A step `uses:` an action, in a workflow. */
export interface Step extends Workflow {
  /** The folder with its action.yml. */
  action: string;
  /** What the step says under `with:`. */
  inputs?: Record<string, string>;
  /** What is in the environment besides: ACTIONS_ID_TOKEN_REQUEST_URL, say. */
  env?: Record<string, string>;
  /** GITHUB_WORKSPACE and working directory; a fresh, empty folder where left out. */
  workspace?: string;
  /** Secrets of the repository: hidden in the log from the start, and looked for in everything. */
  secrets?: string[];
  /** Shorter than the runner's, for a test of what happens after them. */
  signalTimes?: SignalTimes;
}

export interface StepResult extends Phase {
  conclusion: 'success' | 'failure' | 'cancelled';
  /** The post step, or null where there is none or its condition does not hold. */
  post: Phase | null;
}

export interface RunningStep {
  /** Resolves when main and post are over. */
  ended: Promise<StepResult>;
  /** Waits for a line of main's log, as shown. Rejects, with the log, when the step is over without it. */
  said(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Cancels the workflow run: main gets the runner's signals; post runs all the same. */
  cancel(): void;
  /** The machine is lost: neither main nor post does another thing. */
  loseRunner(): void;
}

/** Runs main, then post, as the runner does. */
export function runStep(step: Step): Promise<StepResult> {
  return startStep(step).ended;
}

/** Must be called in a test: its files, and whatever process is left, go with that test. */
export function startStep(step: Step): RunningStep {
  const action = readAction(step.action);
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'qgjob-runner-'));
  const workspace = step.workspace ?? join(temporaryFolder, 'workspace');
  mkdirSync(workspace, { recursive: true });
  const { described, ...contexts } = contextsOf(step, workspace);
  const eventFile = join(temporaryFolder, 'event.json');
  writeFileSync(eventFile, JSON.stringify(contexts.github.event));

  const defaults = action.inputs.map(({ id, defaultIn }) => [id, defaultIn(contexts)]);
  const env = {
    PATH: process.env.PATH ?? '',
    ...environmentOf(described, temporaryFolder),
    GITHUB_EVENT_PATH: eventFile,
    ...step.env,
    ...inputEnvironment({ ...Object.fromEntries(defaults), ...step.inputs }),
  };
  const secrets = secretsOf(step.secrets ?? []);
  const listeners = new Set<(line: string) => void>();
  const shown: string[] = [];
  let running: StepProcess | undefined;
  let isCancelled = false;
  let isLost = false;

  const phase = (name: 'main' | 'post', script: string, phaseEnv: Record<string, string>) =>
    runPhase({
      name,
      script: resolve(step.action, script),
      workspace,
      temporaryFolder,
      env: phaseEnv,
      secrets,
      signalTimes: step.signalTimes ?? runnersSignalTimes,
      started: (started) => {
        running = started;
      },
      shown(line) {
        if (name !== 'main') return;
        shown.push(line);
        for (const listener of listeners) listener(line);
      },
    });

  const run = async (): Promise<StepResult> => {
    const main = await phase('main', action.main, env);
    const failed = main.exitCode !== 0 || main.failed;
    const conclusion = isCancelled ? 'cancelled' : failed ? 'failure' : 'success';
    const wanted = action.post !== undefined && !isLost;
    const due = wanted && holds(action.postIf, contexts, { failed, cancelled: isCancelled });
    const state = Object.fromEntries(Object.entries(main.state).map(([name, value]) => [`STATE_${name}`, value]));
    const post = due ? await phase('post', action.post ?? '', { ...env, ...main.env, ...state }) : null;
    return { ...main, conclusion, post };
  };

  const ended = run();
  const over = ended.catch(() => undefined);
  onTestFinished(async () => {
    isLost = true;
    running?.kill();
    await over;
    rmSync(temporaryFolder, { recursive: true, force: true });
  });

  return {
    ended,
    cancel() {
      isCancelled = true;
      running?.cancel();
    },
    loseRunner() {
      isLost = true;
      running?.kill();
    },
    said: (pattern) =>
      new Promise((found, reject) => {
        const look = (line: string) => {
          const match = line.match(pattern);
          if (!match) return;
          listeners.delete(look);
          found(match);
        };
        listeners.add(look);
        shown.forEach(look);
        void over.then(() => reject(new Error(`nobody said ${pattern}:\n${shown.join('\n')}`)));
      }),
  };
}
