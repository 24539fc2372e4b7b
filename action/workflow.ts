import { createHash } from 'node:crypto';
import { relative, resolve } from 'node:path';
import type { GithubContext } from '../contract/words.ts';
import type { Inputs } from './inputs.ts';
import { at, type Env, type GithubEvent } from './untrusted.ts';

/** The workflow run that this step belongs to. */
export interface Workflow {
  /** What the submission tells of it. */
  github: GithubContext;
  /** The same for every time this very step execution submits. */
  idempotencyKey: string;
  eventName: string;
  /** Whether this is an attempt after the first: "Re-run failed jobs" or "Re-run all jobs". */
  isRerun: boolean;
  /** Where the repository is checked out. */
  workspace: string;
  /** A page of the repository at the tested commit, without the path; null where the commit is not known. */
  blobUrl: string | null;
}

/**
 * What GitHub tells of the workflow run.
 * Source of the variables: the runner's default environment variables and the event's webhook payload.
 */
export function readWorkflow({ name: eventName, payload }: GithubEvent, env: Env, inputs: Inputs): Workflow {
  const repository = env.GITHUB_REPOSITORY ?? '';
  const repositoryId = positive(env.GITHUB_REPOSITORY_ID) ?? positive(at(payload, 'repository', 'id'));
  const runId = positive(env.GITHUB_RUN_ID);
  const attempt = positive(env.GITHUB_RUN_ATTEMPT) ?? 1;
  const step = `${env.GITHUB_JOB}:${matrixHash(inputs.matrix)}:${env.GITHUB_ACTION}`;
  const execution = inputs.checkRunId ?? `${env.GITHUB_JOB}-${matrixHash(inputs.matrix)}`;
  const headSha = inputs.headSha ?? headShaOf(payload) ?? sha(env.GITHUB_SHA);
  const pullRequest = positive(at(payload, 'pull_request', 'number'));
  const optional = {
    repository_id: repositoryId,
    head_sha: headSha,
    ref: env.GITHUB_REF || undefined,
    pull_request: pullRequest,
    run_id: runId,
  };
  return {
    github: {
      repository,
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      run_attempt: attempt,
      host: hostOf(env),
      event: cut(eventName),
      project_dir: cut(projectDir(inputs, env)),
      ...(isFromFork(payload) ? { from_fork: true } : {}),
      job: cut(env.GITHUB_JOB ?? 'job'),
      step: cut(step),
      check_name: cut(inputs.checkName ?? checkNameOf(env, inputs.matrix)),
    },
    idempotencyKey: `gha:${repositoryId}:${runId}:${attempt}:${execution}:${env.GITHUB_ACTION}`.slice(0, 255),
    eventName,
    isRerun: attempt > 1,
    workspace: env.GITHUB_WORKSPACE || '.',
    blobUrl: headSha ? `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/blob/${headSha}/` : null,
  };
}

/** On `pull_request`, GITHUB_SHA is a merge commit that no check is ever shown at. */
function headShaOf(payload: unknown): string | undefined {
  return (
    sha(at(payload, 'pull_request', 'head', 'sha')) ??
    sha(at(payload, 'workflow_run', 'head_sha')) ??
    sha(at(payload, 'merge_group', 'head_sha'))
  );
}

/** Named as GitHub names the job's own check, so that the legs of a matrix do not supersede one another. */
function checkNameOf(env: Env, matrix: string): string {
  const values = matrixValues(matrix);
  const leg = values.length > 0 ? ` (${values.join(', ')})` : '';
  // GitHub makes up `__owner_repo` for a step without an id, and appends `_2` for the next of the same
  const id = env.GITHUB_ACTION ?? '';
  const step = /^__.*?(?:_(\d+))?$/.exec(id);
  const which = step ? (step[1] ? ` #${step[1]}` : '') : ` / ${id}`;
  return `qgjob / ${env.GITHUB_WORKFLOW ?? 'workflow'} / ${env.GITHUB_JOB ?? 'job'}${leg}${which}`;
}

function matrixValues(matrix: string): string[] {
  try {
    const parsed: unknown = JSON.parse(matrix);
    if (typeof parsed !== 'object' || parsed === null) return [];
    return Object.values(parsed).map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
  } catch {
    return [matrix];
  }
}

function matrixHash(matrix: string): string {
  return matrix === 'null' ? 'none' : createHash('sha256').update(matrix).digest('hex').slice(0, 12);
}

/** A workflow of this repository that tests what a workflow run of a fork has built. */
function isFromFork(payload: unknown): boolean {
  const head = at(payload, 'workflow_run', 'head_repository', 'full_name');
  return at(payload, 'workflow_run') !== undefined && head !== at(payload, 'repository', 'full_name');
}

function hostOf(env: Env): string {
  return URL.parse(env.GITHUB_SERVER_URL ?? '')?.host ?? 'github.com';
}

/** The test project's folder, relative to the workspace, which is the repository. */
export function projectDir({ wish }: Inputs, env: Env): string {
  const workspace = env.GITHUB_WORKSPACE || '.';
  return relative(workspace, resolve(workspace, wish.projectDir ?? '.')).replaceAll('\\', '/') || '.';
}

function sha(value: unknown): string | undefined {
  return typeof value === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value) ? value : undefined;
}

function positive(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** What the server takes for one line: no control characters, at most 255 characters. */
function cut(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 255);
}
