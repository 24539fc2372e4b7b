import type { RunCheck } from '../../../contract/run.ts';
import type { Run } from '../model.ts';
import type { CheckRun } from './run.ts';

/** What becomes of a run's check run; null where the submission names no commit that one could belong to. */
export function checkStanding(run: Pick<Run, 'github' | 'headSha' | 'repositoryId'>, check: CheckRun | null): RunCheck {
  if (run.github === null || run.headSha === null || run.repositoryId === null) return null;
  const { host = 'github.com' } = run.github;
  if (check === null) {
    const reason = `No check run is posted: this server had no GitHub App on ${host} when the run was submitted. Its operator registers one at /github/setup.`;
    return { status: 'unpostable', url: null, reason };
  }
  const url = check.remoteId === null ? null : `https://${check.host}/${check.repository}/runs/${check.remoteId}`;
  switch (check.state) {
    case 'open':
      return { status: url === null ? 'pending' : 'posted', url, reason: null };
    case 'unpostable':
    case 'failed':
      return { status: check.state, url, reason: check.lastError };
  }
}
