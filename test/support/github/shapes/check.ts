import { type Annotation, type CheckRun, type CheckSuite, fullName, ownPullRequests, type State } from '../state.ts';
import { type Hosts, iso, nodeId } from './account.ts';
import { app } from './app.ts';
import { commit } from './commit.ts';
import { pullRequestReference } from './pull-request.ts';
import { repository } from './repository.ts';

export function checkRun(hosts: Hosts, state: State, one: CheckRun) {
  const { suite } = one;
  const repo = fullName(suite.repository);
  const url = `${hosts.api}/repos/${repo}/check-runs/${one.id}`;
  const html = `${hosts.web}/${repo}/runs/${one.id}`;
  return {
    id: one.id,
    name: one.name,
    node_id: nodeId('CR', one.id),
    head_sha: suite.headSha,
    external_id: one.externalId,
    url,
    html_url: html,
    details_url: one.detailsUrl ?? html,
    status: one.status,
    conclusion: one.conclusion,
    started_at: one.startedAt,
    completed_at: one.completedAt,
    output: {
      title: one.title,
      summary: one.summary,
      text: one.text,
      annotations_count: one.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: suite.id },
    app: app(hosts, suite.app),
    pull_requests: suitePullRequests(hosts, state, suite),
  };
}

export function checkSuite(hosts: Hosts, state: State, suite: CheckSuite) {
  const repo = repository(hosts, suite.repository);
  const url = `${repo.url}/check-suites/${suite.id}`;
  const known = suite.repository.commits.get(suite.headSha);
  return {
    id: suite.id,
    node_id: nodeId('CS', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: suite.status,
    conclusion: suite.conclusion,
    url,
    before: known?.before ?? null,
    after: suite.headSha,
    pull_requests: suitePullRequests(hosts, state, suite),
    app: app(hosts, suite.app),
    repository: repo,
    created_at: iso(suite.createdAt),
    updated_at: iso(suite.updatedAt),
    latest_check_runs_count: [...state.checkRuns.values()].filter((run) => run.suite === suite).length,
    check_runs_url: `${url}/check-runs`,
    rerequestable: true,
    runs_rerequestable: true,
    head_commit: commit(suite.headSha, known),
  };
}

function suitePullRequests(hosts: Hosts, state: State, { repository: repo, headSha }: CheckSuite) {
  return ownPullRequests(state, repo, headSha).map((one) => pullRequestReference(hosts, one));
}

export function annotation(hosts: Hosts, { repository: repo, headSha }: CheckSuite, one: Annotation) {
  return { ...one, blob_href: `${hosts.web}/${fullName(repo)}/blob/${headSha}/${one.path}` };
}
