import { account, type Hosts, iso } from '../shapes/account.ts';
import { installation, repositoriesOf } from '../shapes/app.ts';
import { checkRun, checkSuite } from '../shapes/check.ts';
import { comment, issue } from '../shapes/comment.ts';
import { commit } from '../shapes/commit.ts';
import { pullRequest } from '../shapes/pull-request.ts';
import { repository } from '../shapes/repository.ts';
import { workflow, workflowRun } from '../shapes/workflow-run.ts';
import {
  type Account,
  type App,
  type CheckRun,
  type CheckSuite,
  type Comment,
  covers,
  fullName,
  type Installation,
  installationOf,
  type PullRequest,
  type Repository,
  type State,
  type WorkflowRun,
} from '../state.ts';

/** A webhook to be sent: the payload is what GitHub would say at the moment it was made. */
export interface Webhook {
  app: App;
  event: string;
  action: string | null;
  installationId: number | null;
  repositoryId: number | null;
  payload: Record<string, unknown>;
}

export interface MergeGroup {
  repository: Repository;
  headSha: string;
  baseSha: string;
  /** Of the pull request that heads the group. */
  pullNumber: number;
}

/** One function per event: what happened in, the webhook out. `sender` is who did it; the App's owner unless told. */
export interface Webhooks {
  ping(): Webhook;
  /** `requested_action` needs the identifier of a button that the completed check run shows. */
  checkRun(action: 'created' | 'completed' | 'rerequested', run: CheckRun, sender?: Account): Webhook;
  requestedAction(run: CheckRun, identifier: string, sender?: Account): Webhook;
  checkSuite(action: 'requested' | 'rerequested' | 'completed', suite: CheckSuite, sender?: Account): Webhook;
  /** For `synchronize`, the commit before is the head before the last push. */
  pullRequest(action: 'opened' | 'synchronize' | 'closed' | 'reopened', pull: PullRequest, sender?: Account): Webhook;
  workflowRun(action: 'requested' | 'completed', run: WorkflowRun, sender?: Account): Webhook;
  mergeGroup(group: MergeGroup, sender?: Account): Webhook;
  comment(comment: Comment): Webhook;
  installation(action: 'created' | 'deleted' | 'suspend' | 'unsuspend', one: Installation, sender?: Account): Webhook;
  installationRepositories(
    action: 'added' | 'removed',
    one: Installation,
    changed: Repository[],
    sender?: Account,
  ): Webhook;
}

/** Webhooks to one App. */
export function webhooksTo(app: App, hosts: Hosts, state: State, now: () => number): Webhooks {
  const from = (sender: Account | undefined) => ({ sender: account(hosts, sender ?? app.owner) });
  const hook = (
    event: string,
    action: string | null,
    payload: object,
    on?: Repository,
    one?: Installation,
  ): Webhook => ({
    app,
    event,
    action,
    installationId: one?.id ?? null,
    repositoryId: on?.id ?? null,
    payload: { ...(action === null ? {} : { action }), ...payload },
  });
  /** Events in a repository reach the App through the installation that covers it. */
  const inRepository = (event: string, action: string, on: Repository, payload: object, sender?: Account): Webhook => {
    const one = installationOf(state, app, on);
    const installed = one ? { installation: { id: one.id, node_id: `MDIz${one.id}` } } : {};
    return hook(
      event,
      action,
      { ...payload, repository: repository(hosts, on), ...from(sender), ...installed },
      on,
      one,
    );
  };
  const runPayload = (run: CheckRun) => ({
    check_run: {
      ...checkRun(hosts, state, run),
      check_suite: withoutRepository(checkSuite(hosts, state, run.suite)),
    },
  });
  const brief = (one: Repository) => {
    const { id, node_id, name, full_name, private: hidden } = repository(hosts, one);
    return { id, node_id, name, full_name, private: hidden };
  };

  return {
    ping() {
      const config = { content_type: 'json', insecure_ssl: '0', secret: '********', url: app.webhookUrl ?? hosts.web };
      const at = iso(now());
      const hooked = { type: 'App', id: app.id + 900_000, name: 'web', active: true, events: app.events, config };
      const stamped = { ...hooked, app_id: app.id, updated_at: at, created_at: at };
      return hook('ping', null, { zen: 'Design for failure.', hook_id: app.id + 900_000, hook: stamped });
    },
    checkRun: (action, run, sender) => inRepository('check_run', action, run.suite.repository, runPayload(run), sender),
    requestedAction(run, identifier, sender) {
      if (run.status !== 'completed' || !run.actions.some((one) => one.identifier === identifier)) {
        throw new Error(
          `Check run ${run.name} shows no button ${identifier}: GitHub shows buttons only after completion`,
        );
      }
      const payload = { ...runPayload(run), requested_action: { identifier } };
      return inRepository('check_run', 'requested_action', run.suite.repository, payload, sender);
    },
    checkSuite(action, suite, sender) {
      const told = withoutRepository(checkSuite(hosts, state, suite));
      // the description of these events does not know this one event yet
      const events = told.app.events.filter((event) => event !== 'merge_group');
      const check_suite = { ...told, app: { ...told.app, events } };
      return inRepository('check_suite', action, suite.repository, { check_suite }, sender);
    },
    pullRequest(action, pull, sender) {
      const moved = action === 'synchronize' ? { before: pull.shas.at(-2) ?? '', after: pull.headSha } : {};
      const payload = { number: pull.number, pull_request: pullRequest(hosts, pull), ...moved };
      return inRepository('pull_request', action, pull.base, payload, sender ?? pull.author);
    },
    workflowRun(action, run, sender) {
      const payload = { workflow: workflow(hosts, run), workflow_run: workflowRun(hosts, state, run) };
      return inRepository('workflow_run', action, run.repository, payload, sender ?? run.actor);
    },
    mergeGroup({ repository: on, headSha, baseSha, pullNumber }, sender) {
      const base = on.defaultBranch;
      const merge_group = {
        head_sha: headSha,
        head_ref: `refs/heads/gh-readonly-queue/${base}/pr-${pullNumber}-${baseSha}`,
        base_sha: baseSha,
        base_ref: `refs/heads/${base}`,
        head_commit: commit(headSha, on.commits.get(headSha)),
      };
      return inRepository('merge_group', 'checks_requested', on, { merge_group }, sender);
    },
    comment(one) {
      const payload = { issue: issue(hosts, one.pullRequest), comment: comment(hosts, one) };
      return inRepository('issue_comment', 'created', one.pullRequest.base, payload, one.author);
    },
    installation(action, one, sender) {
      const repositories = repositoriesOf(state, one).map(brief);
      const payload = { installation: installation(hosts, one), repositories, requester: null, ...from(sender) };
      return hook('installation', action, payload, undefined, one);
    },
    installationRepositories(action, one, changed, sender) {
      const wrong = changed.find((repo) => covers(one, repo) !== (action === 'added'));
      if (wrong) throw new Error(`${fullName(wrong)} is not ${action}: change the installation first`);
      const payload = {
        installation: installation(hosts, one),
        repository_selection: one.selection,
        repositories_added: action === 'added' ? changed.map(brief) : [],
        repositories_removed: action === 'removed' ? changed.map(brief) : [],
        requester: null,
        ...from(sender),
      };
      return hook('installation_repositories', action, payload, undefined, one);
    },
  };
}

/** The suite inside a webhook does not repeat the repository beside it. */
function withoutRepository<T extends { repository: unknown }>({ repository: _, ...rest }: T): Omit<T, 'repository'> {
  return rest;
}

/** As GitHub's description names it: `check-run-rerequested`. */
export function describedName({ event, action }: Webhook): string {
  return [event, action]
    .filter((part) => part !== null)
    .join('-')
    .replaceAll('_', '-');
}
