import type { Account, PullRequest, Repository } from '../state.ts';
import { account, type Hosts, iso, isoOrNull, nodeId } from './account.ts';
import { repository } from './repository.ts';

/** `pull-request`, `pull-request-simple` and the one of webhooks. */
export function pullRequest(hosts: Hosts, one: PullRequest) {
  const { number, state } = one;
  const base = repository(hosts, one.base);
  const url = `${base.url}/pulls/${number}`;
  const issue = `${base.url}/issues/${number}`;
  const links = {
    self: url,
    html: `${base.html_url}/pull/${number}`,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${base.url}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${base.url}/statuses/${one.headSha}`,
  };
  const merged = one.mergedAt !== null;
  return {
    url,
    id: one.id,
    node_id: nodeId('PR', one.id),
    html_url: links.html,
    diff_url: `${links.html}.diff`,
    patch_url: `${links.html}.patch`,
    issue_url: issue,
    number,
    state,
    locked: false,
    title: one.title,
    user: account(hosts, one.author),
    body: null,
    created_at: iso(one.createdAt),
    updated_at: iso(one.updatedAt),
    closed_at: isoOrNull(one.closedAt),
    merged_at: isoOrNull(one.mergedAt),
    merge_commit_sha: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    draft: false,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    head: side(hosts, one.head, one.headRef, one.headSha),
    base: side(hosts, one.base, one.baseRef, one.baseSha),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: association(one.base, one.author),
    auto_merge: null,
    active_lock_reason: null,
    merged,
    mergeable: merged ? null : true,
    rebaseable: null,
    mergeable_state: 'unknown',
    merged_by: merged ? account(hosts, one.author) : null,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: one.shas.length,
    additions: 1,
    deletions: 0,
    changed_files: 1,
  };
}

function side(hosts: Hosts, repo: Repository, ref: string, sha: string) {
  return {
    label: `${repo.owner.login}:${ref}`,
    ref,
    sha,
    user: account(hosts, repo.owner),
    repo: repository(hosts, repo),
  };
}

export function association(repo: Repository, who: Account): 'OWNER' | 'COLLABORATOR' | 'NONE' {
  if (repo.owner === who) return 'OWNER';
  return (repo.collaborators.get(who.login) ?? 'none') === 'none' ? 'NONE' : 'COLLABORATOR';
}

/** `pull-request-minimal`: what check runs, check suites and workflow runs tell of a pull request. */
export function pullRequestReference({ api }: Hosts, one: PullRequest) {
  const repo = ({ id, name, owner }: Repository) => ({ id, name, url: `${api}/repos/${owner.login}/${name}` });
  return {
    id: one.id,
    number: one.number,
    url: `${repo(one.base).url}/pulls/${one.number}`,
    head: { ref: one.headRef, sha: one.headSha, repo: repo(one.head) },
    base: { ref: one.baseRef, sha: one.baseSha, repo: repo(one.base) },
  };
}
