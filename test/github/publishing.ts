import { onTestFinished } from 'vitest';
import type { GithubContext } from '../../contract/words.ts';
import { type CheckRun as CheckNote, urgencies } from '../../server/domain/check/run.ts';
import { defaultPace, type PublishPace } from '../../server/domain/publish-pace.ts';
import { createGithub } from '../../server/github/apps.ts';
import { change } from '../../server/usecases/changes.ts';
import { createPublisher } from '../../server/usecases/publish-checks.ts';
import { putResult } from '../../server/usecases/put-result.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { type Github, type GithubOptions, startGithub } from '../support/github/github.ts';
import type { Repository } from '../support/github/state.ts';
import { type Engine, must, openScenario, operator, submission } from '../support/scenario.ts';

/** Use-cases, a publisher and a GitHub (or several) on one clock that the test sets: nothing here waits for real time. */
export async function openPublishing(
  options: {
    engine?: Engine;
    bed?: GithubOptions;
    hosts?: string[];
    timeoutMs?: number;
    pace?: Partial<PublishPace>;
  } = {},
) {
  const { engine = 'SQLite', bed = {}, hosts = ['github.com'], timeoutMs = 500 } = options;
  const scenario = await openScenario(engine);
  onTestFinished(() => scenario.close());
  const { deps } = scenario;
  const beds = await Promise.all(hosts.map(() => startGithub({ ...bed, now: deps.now })));
  onTestFinished(async () => void (await Promise.all(beds.map((each) => each.stop()))));
  const [github] = beds;
  if (!github) throw new Error('there is no GitHub');

  const keyOf = (each: Github) => ({ privateKey: each.keys.privateKey });
  const keys = beds.map(keyOf);
  const sleep = async (ms: number) => scenario.pass(ms);
  const load = async () =>
    hosts.map((host, i) => {
      const at = must(beds[i]);
      return { host, apiUrl: at.apiUrl, appId: at.app.id, ...must(keys[i]) };
    });
  const troubles: string[] = [];
  const errors: unknown[] = [];
  /** Another server on the same database. */
  const server = async () => {
    const apps = createGithub(load, { now: deps.now, sleep, timeoutMs }, (_, error) => errors.push(error));
    await apps.refresh();
    const publisher = createPublisher({
      ...deps,
      github: apps,
      publicUrl: 'http://qgjob.test',
      pace: { ...defaultPace, ...options.pace },
      chance: () => 0.5,
      onTrouble: (_, { kind, message }) => troubles.push(`${kind}: ${message}`),
      onError: (error) => errors.push(error),
    });
    return { apps, publisher };
  };
  const { apps, publisher } = await server();
  deps.github = apps;
  onTestFinished(() => {
    if (errors.length > 0) throw errors[0];
  });

  const note = async (runId: string): Promise<CheckNote> => must(await deps.store.read((tx) => tx.checks.find(runId)));
  const round = async () => {
    await publisher.begin();
    await publisher.idle();
  };

  return {
    ...scenario,
    github,
    beds,
    apps,
    keys,
    publisher,
    server,
    troubles,
    note,
    round,
    /** Lets time pass in steps, with a round at each, until GitHub has been told everything of these runs. @returns ms passed */
    async settle(runIds: string[], limitMs = 1_800_000): Promise<number> {
      for (let passedMs = 0; passedMs <= limitMs; passedMs += 250) {
        await round();
        const notes = await Promise.all(runIds.map(note));
        if (notes.every(({ dueAt }) => dueAt === null)) return passedMs;
        scenario.pass(250);
      }
      throw new Error(`still due: ${JSON.stringify(await Promise.all(runIds.map(note)))}`);
    },
    /** A repository with the App installed on its owner's account. */
    shop(at: Github = github, name = 'acme/shop', id?: number): Repository {
      const repository = at.repository(name);
      at.install(at.app, repository.owner, id === undefined ? {} : { id });
      return repository;
    },
    /** Submits a run for the head of a repository. */
    async post(
      repository: Repository,
      over: Partial<GithubContext> = {},
      tests = ['tests/a.spec.ts'],
    ): Promise<string> {
      const context = {
        repository: `${repository.owner.login}/${repository.name}`,
        repository_id: repository.id,
        head_sha: repository.branches.get('main') ?? '',
        ...over,
      };
      const { run } = await scenario.submit({ ...submission, dedupe: false, tests, github: context });
      return run.run.id;
    },
    /** Runs a run's only job to its end, with so many failing tests. */
    async fail(runId: string, failures: number): Promise<void> {
      const device = `device of ${runId}`;
      const agent = await scenario.agent([device]);
      const claimed = must(await scenario.claim(agent, device, 1));
      const job = must(claimed.jobs[0]);
      const tests = Array.from({ length: failures }, (_, i) => failing(i));
      const outcome = failures === 0 ? ('passed' as const) : ('failed' as const);
      const body = { outcome, duration_ms: 100, tests: failures === 0 ? [passing] : tests, errors: [] };
      await putResult(deps, operator, claimed.lease, job.id, body, 0);
      await releaseLease(deps, operator, claimed.lease);
    },
    /** Something about a run changes that its check run does not end with. */
    touch: (runId: string) => change(deps, async (changes) => void (await changes.touchRun(runId))),
    want: (runId: string, urgency: keyof typeof urgencies) =>
      deps.store.transaction((tx) => tx.checks.want(runId, urgencies[urgency], deps.now())),
  };
}

export type Publishing = Awaited<ReturnType<typeof openPublishing>>;

const passing = {
  id: 'passes',
  title: 'passes',
  title_path: ['cart', 'passes'],
  file: 'tests/a.spec.ts',
  line: 3,
  status: 'passed' as const,
  retry: 0,
  duration_ms: 1,
  errors: [],
  attachments: [],
};

/** Titles of four-byte characters, and messages long enough to be cut. */
function failing(i: number) {
  const title = `💥${i} ${'🧨'.repeat(60)}`;
  return {
    ...passing,
    id: title,
    title,
    title_path: ['🛒', title],
    line: i + 1,
    status: 'failed' as const,
    errors: [{ message: `expected 🍎, got 🍊 ${'🥕'.repeat(200)}`, file: 'tests/a.spec.ts', line: i + 1 }],
  };
}
