import type { GithubContext } from '../../contract/words.ts';

/** Where GitHub shows what a submission told of; null where it did not tell enough. All parts have been validated. */
export interface RepositoryLinks {
  repository: string;
  commit: string | null;
  /** Of the commit's files; ends in a slash. */
  blob: string | null;
  pullRequest: string | null;
  workflowRun: string | null;
}

export function repositoryLinks(github: GithubContext): RepositoryLinks {
  const { host = 'github.com', repository, head_sha, pull_request, run_id, run_attempt } = github;
  const home = `https://${host}/${repository}`;
  const attempt = run_attempt === undefined ? '' : `/attempts/${run_attempt}`;
  return {
    repository: home,
    commit: head_sha === undefined ? null : `${home}/commit/${head_sha}`,
    blob: head_sha === undefined ? null : `${home}/blob/${head_sha}/`,
    pullRequest: pull_request === undefined ? null : `${home}/pull/${pull_request}`,
    workflowRun: run_id === undefined ? null : `${home}/actions/runs/${run_id}${attempt}`,
  };
}
