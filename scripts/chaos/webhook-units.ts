import type { Client } from '../../contract/client.ts';
import type { GithubContext } from '../../contract/words.ts';
import type { Tx } from '../../server/store/store.ts';
import type { Github } from '../../test/support/github/github.ts';
import type { PullRequest, Repository } from '../../test/support/github/state.ts';
import type { Webhook } from '../../test/support/github/webhooks/payloads.ts';

/** One thing that happened on GitHub, the two deliveries that tell of it, and how our runs are to stand in the end. */
export interface Unit {
  deliveries: Webhook[];
  /** The commits whose runs tell whether it was understood, once. */
  commits: string[];
  expected: string;
}

const kinds = ['pushed', 'closed', 'workflow cancelled', 'fork approved', 'asked for again'] as const;

/** Lets things happen on GitHub and submits the runs that they are about. Nothing is sent yet. */
export async function makeUnits(github: Github, client: Client, deliveries: number): Promise<Unit[]> {
  const grace = github.account('grace');
  const repositories = Array.from({ length: Math.max(1, Math.ceil(deliveries / 500)) }, (_, n) => {
    const repository = github.repository(`acme/app-${n}`);
    github.collaborate(repository, grace, 'write');
    return { repository, fork: github.repository(`mallory/app-${n}`, { forkOf: repository }) };
  });
  github.install(
    github.app,
    repositories.map(({ repository }) => repository),
  );
  const units: Unit[] = [];
  for (let n = 0; n < deliveries / 2; n++) {
    const { repository, fork } = repositories[n % repositories.length] ?? never();
    const kind = kinds[Math.floor(n / repositories.length) % kinds.length] ?? never();
    units.push(await makeUnit(github, client, kind, repository, fork));
  }
  return units;
}

async function makeUnit(
  github: Github,
  client: Client,
  kind: (typeof kinds)[number],
  repository: Repository,
  fork: Repository,
): Promise<Unit> {
  const hooks = github.webhooks();
  const grace = github.account('grace');
  const submit = (context: Partial<GithubContext>) => submitRun(github, client, repository, context);
  const of = (pull: PullRequest) => ({ head_sha: pull.headSha, pull_request: pull.number });
  switch (kind) {
    case 'pushed': {
      const pull = github.openPullRequest(repository);
      const opened = hooks.pullRequest('opened', pull);
      await submit(of(pull));
      const commits = [pull.headSha, github.pushTo(pull)];
      await submit(of(pull));
      const deliveries = [opened, hooks.pullRequest('synchronize', pull)];
      return { deliveries, commits, expected: 'completed superseded, queued' };
    }
    case 'closed': {
      const pull = github.openPullRequest(repository);
      await submit(of(pull));
      const opened = hooks.pullRequest('opened', pull);
      github.closePullRequest(pull);
      const deliveries = [opened, hooks.pullRequest('closed', pull)];
      return { deliveries, commits: [pull.headSha], expected: 'completed cancelled' };
    }
    case 'workflow cancelled': {
      const sha = github.push(repository);
      const workflow = github.startWorkflow(repository, { sha });
      for (const run_attempt of [1, 2]) await submit({ head_sha: sha, run_id: workflow.id, run_attempt });
      const requested = hooks.workflowRun('requested', workflow);
      github.completeWorkflow(workflow, 'cancelled');
      const deliveries = [requested, hooks.workflowRun('completed', workflow)];
      return { deliveries, commits: [sha], expected: 'completed cancelled, queued' };
    }
    case 'fork approved': {
      const pull = github.openPullRequest(repository, { from: fork, author: github.account('mallory') });
      await submit({ ...of(pull), from_fork: true });
      const said = (text: string) => hooks.comment(github.comment(pull, grace, text));
      const deliveries = [said('Looks good to me.'), said('/qgjob run')];
      return { deliveries, commits: [pull.headSha], expected: 'queued' };
    }
    case 'asked for again': {
      const sha = github.push(repository);
      const id = await submit({ head_sha: sha });
      await client.cancelRun({ params: { id } });
      const suite = github.suite(github.app, repository, sha);
      const check = completedCheck(github, suite, `${id}:1`);
      const deliveries = [hooks.checkSuite('rerequested', suite), hooks.checkRun('rerequested', check)];
      return { deliveries, commits: [sha], expected: 'completed cancelled, queued' };
    }
  }
}

/** @returns the run's id */
async function submitRun(
  github: Github,
  client: Client,
  repository: Repository,
  context: Partial<GithubContext>,
): Promise<string> {
  const host = new URL(github.apiUrl).host;
  const name = `${repository.owner.login}/${repository.name}`;
  const { body } = await client.submitRun({
    body: {
      org_id: 'acme',
      app_version_id: '1.0',
      target: 'emulator',
      tests: ['tests/a.spec.ts'],
      dedupe: false,
      github: { host, repository: name, repository_id: repository.id, ...context },
    },
  });
  return body.id;
}

function completedCheck(github: Github, suite: ReturnType<Github['suite']>, externalId: string) {
  const at = new Date().toISOString();
  const id = github.state.nextId('check');
  const told = { title: null, summary: null, text: null, annotations: [], actions: [], history: [] };
  const ended = { status: 'completed', conclusion: 'cancelled', startedAt: at, completedAt: at };
  const check = { id, suite, name: 'by hand', externalId, detailsUrl: null, ...ended, ...told };
  github.state.checkRuns.set(id, check);
  return check;
}

/** How the runs of a unit stand: each commit's, oldest first. */
export async function standOf(tx: Tx, unit: Unit): Promise<string> {
  const words: string[] = [];
  for (const sha of unit.commits) {
    const repositoryId = unit.deliveries[0]?.repositoryId ?? 0;
    for (const run of (await tx.runs.ofCommit(repositoryId, sha, 10)).reverse()) {
      words.push([run.awaitingApproval ? 'held' : run.status, run.conclusion].filter((word) => word).join(' '));
    }
  }
  return words.join(', ');
}

function never(): never {
  throw new Error('there is one of each');
}
