import type { Comment, PullRequest } from '../state.ts';
import { account, type Hosts, iso, nodeId } from './account.ts';
import { association, pullRequest } from './pull-request.ts';

export function comment(hosts: Hosts, one: Comment) {
  const pull = pullRequest(hosts, one.pullRequest);
  const url = `${pull.base.repo.url}/issues/comments/${one.id}`;
  return {
    url,
    html_url: `${pull.html_url}#issuecomment-${one.id}`,
    issue_url: pull.issue_url,
    id: one.id,
    node_id: nodeId('IC', one.id),
    user: account(hosts, one.author),
    created_at: iso(one.createdAt),
    updated_at: iso(one.createdAt),
    author_association: association(one.pullRequest.base, one.author),
    body: one.body,
    reactions: reactions(url),
    performed_via_github_app: null,
  };
}

/** A pull request as the issue it also is; only `pull_request` in it tells the two apart. */
export function issue(hosts: Hosts, one: PullRequest) {
  const pull = pullRequest(hosts, one);
  const url = pull.issue_url;
  return {
    url,
    repository_url: pull.base.repo.url,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: pull.html_url,
    id: one.id + 500_000,
    node_id: pull.node_id,
    number: one.number,
    title: one.title,
    user: pull.user,
    labels: [],
    state: one.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: 1,
    created_at: pull.created_at,
    updated_at: pull.updated_at,
    closed_at: pull.closed_at,
    author_association: pull.author_association,
    active_lock_reason: null,
    draft: false,
    pull_request: {
      url: pull.url,
      html_url: pull.html_url,
      diff_url: pull.diff_url,
      patch_url: pull.patch_url,
      merged_at: pull.merged_at,
    },
    body: null,
    reactions: reactions(url),
    performed_via_github_app: null,
    state_reason: null,
  };
}

function reactions(url: string) {
  const none = { '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 };
  return { url: `${url}/reactions`, total_count: 0, ...none };
}
