import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approveRun } from '../../server/usecases/approve-run.ts';
import { cancelJob } from '../../server/usecases/cancel-job.ts';
import { cancelRun } from '../../server/usecases/cancel-run.ts';
import { change } from '../../server/usecases/changes.ts';
import { getRun } from '../../server/usecases/get-run.ts';
import { approve } from '../../server/usecases/hold.ts';
import { createSweep } from '../../server/usecases/sweep.ts';
import { engines, must, openScenario, operator, type Scenario } from '../support/scenario.ts';

const sha = (n: number) => String(n).repeat(40);

describe.each(engines)('runs that wait for a maintainer, on %s', (engine) => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario(engine);
  });
  afterEach(() => s.close());

  const submit = async (commit: number, fromFork: boolean, tests = ['a.spec.ts']) => {
    const github = { repository: 'acme/app', repository_id: 7, head_sha: sha(commit), from_fork: fromFork };
    return (await s.submit({ tests, dedupe: false, github, queue_timeout_seconds: 60 })).run;
  };
  const approveCommit = (commit: number) =>
    change(s.deps, (changes) =>
      approve(s.deps, changes, { host: 'github.com', repositoryId: 7, headSha: sha(commit) }, 'grace'),
    );
  const totals = () => s.deps.store.read((tx) => tx.groups.totals(null));

  test('whatever happens in whatever order, no claim takes a job of a commit that nobody approved', async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('submit' as const), commit: fc.nat(2), fork: fc.boolean() }),
      fc.record({ what: fc.constant('approve' as const), commit: fc.nat(2) }),
      fc.record({ what: fc.constant('claim' as const) }),
      fc.record({ what: fc.constant('cancel' as const), which: fc.nat(9) }),
      fc.record({ what: fc.constant('pass' as const) }),
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        round++;
        const commits = (n: number) => round * 3 + n;
        const shaOf = (n: number) => String(commits(n)).padStart(40, '0');
        const approved = new Set<number>();
        const runs: { id: string; commit: number; fork: boolean }[] = [];
        const agent = await s.agent([`device ${round}`]);
        const sweep = createSweep(s.deps);
        for (const each of steps) {
          if (each.what === 'submit') {
            const github = {
              repository: 'acme/app',
              repository_id: 7,
              head_sha: shaOf(each.commit),
              from_fork: each.fork,
            };
            const { run } = await s.submit({ dedupe: false, github, queue_timeout_seconds: 60 });
            runs.push({ id: run.run.id, commit: each.commit, fork: each.fork });
          } else if (each.what === 'approve') {
            approved.add(each.commit);
            const commit = { host: 'github.com', repositoryId: 7, headSha: shaOf(each.commit) };
            await change(s.deps, (changes) => approve(s.deps, changes, commit, 'grace'));
          } else if (each.what === 'cancel') {
            const one = runs[each.which];
            if (one) await cancelRun(s.deps, operator, one.id);
          } else if (each.what === 'pass') {
            s.pass(61_000);
            await sweep();
          } else {
            const claimed = await s.claim(agent, `device ${round}`, 10);
            for (const { id } of claimed?.jobs ?? []) {
              const job = must(await s.deps.store.read((tx) => tx.jobs.find(id)));
              const of = runs.find((run) => run.id === job.runId);
              // what an earlier round left behind was judged there
              if (of?.fork) expect(approved.has(of.commit)).toBe(true);
              await s.finish(must(claimed), id);
            }
          }
        }
        for (const { id, commit, fork } of runs) {
          const { run, jobs } = await getRun(s.deps, operator, id);
          if (!fork || approved.has(commit)) expect(run.awaitingApproval).toBe(false);
          // a deadline that passed while it was held ended nothing
          if (run.awaitingApproval) expect(jobs.map(({ job }) => job.status)).toEqual(['queued']);
        }
      }),
      { numRuns: engine === 'SQLite' ? 60 : 15 },
    );
    // the counters the scheduler goes by are those of the jobs themselves
    const jobs = await s.deps.store.read((tx) =>
      tx.jobs.list({ orgId: null, before: null, limit: 10_000, status: 'queued' }),
    );
    const free = jobs.filter(({ groupId }) => !groupId.startsWith('held_'));
    expect((await totals()).queued).toBe(free.length);
  }, 60_000);

  test('an approval and a submission at the same moment leave nothing behind that waits', async () => {
    for (let commit = 0; commit < 10; commit++) {
      const [run] = await Promise.all([submit(commit, true), approveCommit(commit)]);
      expect((await getRun(s.deps, operator, run.run.id)).run.awaitingApproval).toBe(false);
    }
    expect((await totals()).queued).toBe(10);
  });

  test('an approval and a cancellation at the same moment keep the counters right', async () => {
    for (let commit = 0; commit < 10; commit++) {
      const { run, jobs } = await submit(commit, true, ['a.spec.ts', 'b.spec.ts']);
      await Promise.all([
        approveCommit(commit),
        commit % 2 === 0 ? cancelRun(s.deps, operator, run.id) : cancelJob(s.deps, operator, must(jobs[0]).job.id),
      ]);
    }
    const left = await s.deps.store.read((tx) =>
      tx.jobs.list({ orgId: null, before: null, limit: 100, status: 'queued' }),
    );
    expect(left).toHaveLength(5);
    expect(left.every(({ groupId }) => groupId.startsWith('grp_'))).toBe(true);
    expect((await totals()).queued).toBe(5);
  });

  test('a run that was released has its whole queue timeout, from then on', async () => {
    const { run } = await submit(1, true);
    const sweep = createSweep(s.deps);
    s.pass(3_600_000);
    await sweep();
    await approveCommit(1);
    s.pass(59_000);
    await sweep();
    expect((await getRun(s.deps, operator, run.id)).run.status).toBe('queued');
    s.pass(1_000);
    await sweep();
    expect((await getRun(s.deps, operator, run.id)).run.conclusion).toBe('timed_out');
  });

  test('an admin approves by the run: all runs of that commit are released, those of another wait on', async () => {
    const [first, second, other] = [await submit(1, true), await submit(1, true), await submit(2, true)];
    expect((await approveRun(s.deps, operator, first.run.id)).run.awaitingApproval).toBe(false);
    expect((await approveRun(s.deps, operator, first.run.id)).run.reason).toBeNull();
    const waits = async (id: string) => (await getRun(s.deps, operator, id)).run.awaitingApproval;
    expect([await waits(second.run.id), await waits(other.run.id)]).toEqual([false, true]);
    expect((await totals()).queued).toBe(2);
  });
});
