import type { z } from 'zod';
import { nullIfMissing, read, type Unsigned } from './app-requests.ts';
import type { CheckRunWrite, GithubRepository } from './github.ts';
import type { InstallationTokens, TokenScope } from './installation-tokens.ts';
import type { Quiet } from './quiet.ts';
import { CheckRun, CheckRuns, Permission, PullRequest, PullRequests, WorkflowRun } from './shapes.ts';
import type { Wire } from './wire.ts';

/** What each kind of request needs; a token gets no more, and metadata comes with every one. */
const checks = { checks: 'write' } as const;
const pulls = { pull_requests: 'read' } as const;
const actions = { actions: 'read' } as const;
const metadata = { metadata: 'read' } as const;

export interface RepositoryAt {
  installationId: number;
  /** `owner/name` */
  repository: string;
  repositoryId: number;
}

export interface RepositoryParts {
  wire: Wire;
  quiet: Quiet;
  tokens: InstallationTokens;
  appId: number;
}

export function createRepository(
  { wire, quiet, tokens, appId }: RepositoryParts,
  { installationId, repository, repositoryId }: RepositoryAt,
): GithubRepository {
  const root = `/repos/${repository}`;
  const send = <T>(permissions: TokenScope['permissions'], asked: Unsigned, shape: z.ZodType<T>): Promise<T> => {
    const request = { ...asked, path: root + asked.path };
    const ask = async (token: string) => read(shape, (await wire.send({ ...request, token })).json, request);
    return quiet.keep(installationId, () => tokens.using({ installationId, repositoryId, permissions }, ask));
  };
  const get = <T>(permissions: TokenScope['permissions'], path: string, shape: z.ZodType<T>) =>
    send(permissions, { method: 'GET', path }, shape);

  return {
    createCheckRun: (write) =>
      send(
        checks,
        { method: 'POST', path: '/check-runs', body: { head_sha: write.headSha, ...bodyOf(write) } },
        CheckRun,
      ),
    updateCheckRun: (id, write) =>
      send(checks, { method: 'PATCH', path: `/check-runs/${id}`, body: bodyOf(write) }, CheckRun),
    getCheckRun: (id) => nullIfMissing(get(checks, `/check-runs/${id}`, CheckRun)),
    async findCheckRuns(headSha, name) {
      const query = new URLSearchParams({ check_name: name, filter: 'all', app_id: String(appId), per_page: '100' });
      const { check_runs } = await get(checks, `/commits/${headSha}/check-runs?${query}`, CheckRuns);
      return check_runs.sort((a, b) => b.id - a.id);
    },
    getPullRequest: (number) => nullIfMissing(get(pulls, `/pulls/${number}`, PullRequest)),
    async pullRequestsOf(headSha) {
      const all = await get(pulls, `/commits/${headSha}/pulls?per_page=100`, PullRequests);
      return all.filter(({ state }) => state === 'open');
    },
    async permissionOf(login) {
      const path = `/collaborators/${encodeURIComponent(login)}/permission`;
      return (await nullIfMissing(get(metadata, path, Permission)))?.permission ?? 'none';
    },
    getWorkflowRun: (id) => nullIfMissing(get(actions, `/actions/runs/${id}`, WorkflowRun)),
  };
}

/** A check run in GitHub's words; what there is nothing to say of is left out. */
function bodyOf(write: CheckRunWrite) {
  return {
    name: write.name,
    external_id: write.externalId,
    details_url: write.detailsUrl,
    status: write.status,
    ...(write.conclusion === null ? {} : { conclusion: write.conclusion }),
    ...(write.startedAt === null ? {} : { started_at: instant(write.startedAt) }),
    ...(write.completedAt === null || write.conclusion === null ? {} : { completed_at: instant(write.completedAt) }),
    output: {
      title: write.title,
      summary: write.summary,
      text: write.text,
      annotations: write.annotations.map((one) => ({
        path: one.path,
        start_line: one.startLine,
        end_line: one.endLine,
        annotation_level: one.level,
        title: one.title,
        message: one.message,
      })),
    },
    actions: write.actions,
  };
}

/** Whole seconds, as GitHub writes instants. */
function instant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
