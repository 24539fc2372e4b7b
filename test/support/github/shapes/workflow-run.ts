import { ownPullRequests, type State, type WorkflowRun } from '../state.ts';
import { account, type Hosts, iso, nodeId } from './account.ts';
import { commit } from './commit.ts';
import { pullRequestReference } from './pull-request.ts';
import { repository } from './repository.ts';

const workflowId = 77;

export function workflowRun(hosts: Hosts, state: State, one: WorkflowRun) {
  const repo = repository(hosts, one.repository);
  const url = `${repo.url}/actions/runs/${one.id}`;
  return {
    id: one.id,
    name: one.name,
    node_id: nodeId('WFR', one.id),
    head_branch: one.headBranch,
    head_sha: one.headSha,
    path: '.github/workflows/e2e.yml',
    display_title: one.name,
    run_number: one.number,
    run_attempt: one.attempt,
    event: one.event,
    status: one.status,
    conclusion: one.conclusion,
    workflow_id: workflowId,
    check_suite_id: one.id,
    check_suite_node_id: nodeId('CS', one.id),
    url,
    html_url: `${repo.html_url}/actions/runs/${one.id}`,
    pull_requests: ownPullRequests(state, one.repository, one.headSha).map((pull) => pullRequestReference(hosts, pull)),
    created_at: iso(one.createdAt),
    updated_at: iso(one.updatedAt),
    run_started_at: iso(one.createdAt),
    actor: account(hosts, one.actor),
    triggering_actor: account(hosts, one.actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repo.url}/check-suites/${one.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: one.attempt > 1 ? `${url}/attempts/${one.attempt - 1}` : null,
    workflow_url: `${repo.url}/actions/workflows/${workflowId}`,
    head_commit: commit(one.headSha, one.headRepository.commits.get(one.headSha)),
    repository: repo,
    head_repository: repository(hosts, one.headRepository),
  };
}

export function workflow(hosts: Hosts, one: WorkflowRun) {
  const repo = repository(hosts, one.repository);
  const path = '.github/workflows/e2e.yml';
  return {
    id: workflowId,
    node_id: nodeId('W', workflowId),
    name: one.name,
    path,
    state: 'active',
    created_at: repo.created_at,
    updated_at: repo.created_at,
    url: `${repo.url}/actions/workflows/${workflowId}`,
    html_url: `${repo.html_url}/blob/${one.headBranch ?? 'main'}/${path}`,
    badge_url: `${repo.html_url}/workflows/e2e/badge.svg`,
  };
}
