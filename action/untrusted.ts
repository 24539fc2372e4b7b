import type * as core from '@actions/core';

export type Env = Readonly<Record<string, string | undefined>>;

/** What started the workflow run. */
export interface GithubEvent {
  name: string;
  /** As GitHub's webhook of that event has it; an empty object where the runner left none. */
  payload: unknown;
}

/** Reads the event that the runner left on disk. Loaded when needed: it brings GitHub's whole client along. */
export async function readEvent(): Promise<GithubEvent> {
  const { context } = await import('@actions/github');
  return { name: context.eventName ?? '', payload: context.payload };
}

/** What stands in a payload under these names, one in the other; undefined where nothing does. */
export function at(payload: unknown, ...names: string[]): unknown {
  let found = payload;
  for (const name of names) {
    if (typeof found !== 'object' || found === null) return undefined;
    // safe because it is read as unknown
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** Whether GitHub gives this job an identity of its own. */
export function hasIdentity(env: Env): boolean {
  return Boolean(env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
}

/**
 * Why GitHub gives this workflow run neither secrets nor an identity; null where it does.
 * Source: GitHub's documentation of events from forks, and of Dependabot on Actions.
 */
export function untrustedReason({ payload }: GithubEvent, env: Env): string | null {
  const head = at(payload, 'pull_request', 'head', 'repo', 'full_name');
  const base = at(payload, 'pull_request', 'base', 'repo', 'full_name') ?? at(payload, 'repository', 'full_name');
  if (at(payload, 'pull_request') !== undefined && head !== base) return 'The pull request comes from a fork';
  if (env.GITHUB_ACTOR === 'dependabot[bot]') return 'The workflow run was started by Dependabot';
  return null;
}

/** There is nothing to test with, and no reason to fail unless the workflow says so. */
export function skipUntrusted({ getInput, setOutput, setFailed, notice }: typeof core, why: string): void {
  const message = `${why}, and GitHub gives such a workflow run neither secrets nor an identity. No test was run. A maintainer can have it tested: see "Pull requests from forks" in the documentation of qgjob.`;
  setOutput('status', 'skipped-untrusted');
  // not read with the others: of those, some are empty here
  if (/^true$/i.test(getInput('fail-on-untrusted'))) setFailed(message);
  else notice(message, { title: 'qgjob: not run' });
}
