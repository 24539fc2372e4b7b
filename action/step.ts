import type * as core from '@actions/core';
import type { Inputs } from './inputs.ts';
import type { Log } from './log.ts';
import type { Outputs } from './outputs.ts';
import type { Env } from './untrusted.ts';
import type { Workflow } from './workflow.ts';

/** The step as it runs: what it was asked for, where it is, and what it may speak through. */
export interface Step {
  inputs: Inputs;
  workflow: Workflow;
  env: Env;
  core: typeof core;
  log: Log;
  /** Where the Action's own repository is, CLI and all. */
  actionRoot: string;
  /** Aborts when the workflow run is cancelled. */
  signal: AbortSignal;
}

export function setOutputs({ core }: Pick<Step, 'core'>, outputs: Outputs): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}
