import { type Answer, type Call, notFound, page, type RouteRule } from '../exchange.ts';
import { account } from '../shapes/account.ts';
import { comment } from '../shapes/comment.ts';
import { pullRequest } from '../shapes/pull-request.ts';
import { repository } from '../shapes/repository.ts';
import { workflowRun } from '../shapes/workflow-run.ts';
import { fullName, type PullRequest, type Role } from '../state.ts';

const repo = '/repos/{owner}/{repo}';

/** Reading repositories, pull requests, workflow runs, comments and roles. */
export const repositoryRoutes: RouteRule[] = [
  {
    route: `GET ${repo}`,
    caller: 'installation',
    permission: 'metadata:read',
    handle: (call) => ({ status: 200, body: repository(call.hosts, call.repository) }),
  },
  {
    route: `GET ${repo}/pulls`,
    caller: 'installation',
    permission: 'pull_requests:read',
    handle: (call) => pulls(call, 'pulls', (one) => wanted(call, one)),
  },
  {
    route: `GET ${repo}/pulls/{pull_number}`,
    caller: 'installation',
    permission: 'pull_requests:read',
    handle(call) {
      const found = pullsOf(call).find(({ number }) => String(number) === call.params.pull_number);
      if (!found) throw notFound();
      return { status: 200, body: pullRequest(call.hosts, found) };
    },
  },
  {
    route: `GET ${repo}/commits/{commit_sha}/pulls`,
    caller: 'installation',
    permission: 'pull_requests:read',
    handle(call) {
      const sha = call.params.commit_sha ?? '';
      if (!call.repository.commits.has(sha)) throw notFound();
      return pulls(
        call,
        `commits/${sha}/pulls`,
        (one) => one.shas.includes(sha) && (one.state === 'open' || one.mergedAt !== null),
      );
    },
  },
  {
    route: `GET ${repo}/actions/runs/{run_id}`,
    caller: 'installation',
    permission: 'actions:read',
    handle(call) {
      const found = call.state.workflowRuns.get(Number(call.params.run_id));
      if (found?.repository !== call.repository) throw notFound();
      return { status: 200, body: workflowRun(call.hosts, call.state, found) };
    },
  },
  {
    route: `GET ${repo}/issues/comments/{comment_id}`,
    caller: 'installation',
    permission: 'pull_requests:read',
    handle(call) {
      const found = call.state.comments.get(Number(call.params.comment_id));
      if (found?.pullRequest.base !== call.repository) throw notFound();
      return { status: 200, body: comment(call.hosts, found) };
    },
  },
  {
    route: `GET ${repo}/issues/{issue_number}/comments`,
    caller: 'installation',
    permission: 'pull_requests:read',
    handle(call) {
      const number = call.params.issue_number ?? '';
      const on = pullsOf(call).find((one) => String(one.number) === number);
      if (!on) throw notFound();
      const all = [...call.state.comments.values()].filter((one) => one.pullRequest === on);
      const { items, headers } = page(call, `/repos/${fullName(call.repository)}/issues/${number}/comments`, all);
      return { status: 200, body: items.map((one) => comment(call.hosts, one)), headers };
    },
  },
  {
    route: `GET ${repo}/collaborators/{username}/permission`,
    caller: 'installation',
    permission: 'metadata:read',
    handle: permission,
  },
];

function pullsOf({ state, repository: base }: Call): PullRequest[] {
  return state.pullRequests.filter((one) => one.base === base);
}

function pulls(call: Call, path: string, fits: (one: PullRequest) => boolean): Answer {
  const { items, headers } = page(call, `/repos/${fullName(call.repository)}/${path}`, pullsOf(call).filter(fits));
  return { status: 200, body: items.map((one) => pullRequest(call.hosts, one)), headers };
}

function wanted({ query }: Call, one: PullRequest): boolean {
  const state = query.get('state') ?? 'open';
  const head = query.get('head');
  return (
    (state === 'all' || one.state === state) &&
    (head === null || head === `${one.head.owner.login}:${one.headRef}`) &&
    (query.get('base') ?? one.baseRef) === one.baseRef
  );
}

/** GitHub's older words know neither maintain nor triage: `permission` says write or read for them, `role_name` tells. */
const olderWord: Record<Role, string> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  triage: 'read',
  read: 'read',
  none: 'none',
};

function permission({ state, params, repository: repo, hosts }: Call): Answer {
  const who = state.accounts.get(params.username ?? '');
  if (!who) throw notFound();
  const outsider: Role = repo.private ? 'none' : 'read';
  const role = repo.owner === who ? 'admin' : (repo.collaborators.get(who.login) ?? outsider);
  const user = { ...account(hosts, who), role_name: role };
  return { status: 200, body: { permission: olderWord[role], role_name: role, user } };
}
