import type { JobStatus, Target } from '../../contract/words.ts';
import { urgencyOf } from '../domain/check/run.ts';
import { concludeRun } from '../domain/conclusion.ts';
import { addCounts } from '../domain/counts.ts';
import { DomainError } from '../domain/errors.ts';
import { type JobEvent, nextStatus } from '../domain/lifecycle.ts';
import type { Job, Run } from '../domain/model.ts';
import type { Kind } from '../domain/scheduler/versatility.ts';
import type { StoredEvent, Tx } from '../store/store.ts';
import { isPosted } from './check-outbox.ts';
import type { Deps } from './deps.ts';

/**
 * A unit of work that changes jobs, and keeps everything that follows from a job in step with it: its run's version,
 * counters and conclusion, its group's counters, its check run, and whoever waits for any. Lock order, against deadlocks:
 * groups in the order of their ids, then runs, then their check runs, then nothing else.
 */
export interface Changes {
  tx: Tx;
  now: number;
  /** Keeps the groups from other units of work; call it before anything else, with all groups at once. */
  lockGroups(ids: Iterable<string>): Promise<void>;
  /** The run as this unit of work has it, kept from others. @throws DomainError `not_found` */
  run(id: string): Promise<Run>;
  /** Changes a run's own fields. */
  touchRun(id: string, patch?: Partial<Run>): Promise<Run>;
  /**
   * Takes a job through its lifecycle. @throws DomainError `illegal_transition`
   */
  move(job: Job, event: JobEvent, patch?: Partial<Job>): Promise<Job>;
  /** Changes a job without moving it. */
  touchJob(job: Job, patch: Partial<Job>): Promise<Job>;
  /** Tells those who watch the run. */
  tell(runId: string, type: StoredEvent['type'], data: unknown): Promise<void>;
  /** Someone may find work for such devices now, of this kind if it is the first. */
  workArrived(target: Target, kind?: Kind): void;
  /** Writes runs and groups; done by itself at the end, call it earlier to see the outcome. */
  flush(): Promise<void>;
}

/** What there may be work for. */
type Targets = Map<Target, Kind | undefined>;

interface OpenRun {
  run: Run;
  /** As it was read. */
  before: Run;
  fromVersion: number;
  /** The last job that completed here: a run of one need not be read again. */
  lastCompleted: Job | null;
}

/** Runs `work` as one unit, then wakes whoever waits for what it changed. */
export async function change<T>(deps: Deps, work: (changes: Changes) => Promise<T>): Promise<T> {
  const now = deps.now();
  let woken: { runs: string[]; targets: Targets } = { runs: [], targets: new Map() };
  const result = await deps.store.transaction(async (tx) => {
    const runs = new Map<string, OpenRun>();
    const targets: Targets = new Map();
    const changes = createChanges(deps, tx, now, runs, targets);
    const value = await work(changes);
    await changes.flush();
    woken = { runs: [...runs.keys()], targets };
    return value;
  });
  for (const id of woken.runs) deps.signals.runChanged(id);
  for (const [target, kind] of woken.targets) deps.signals.workArrived(target, kind);
  return result;
}

function createChanges(deps: Deps, tx: Tx, now: number, runs: Map<string, OpenRun>, targets: Targets): Changes {
  const groups = new Map<string, { queued: number; active: number; workMs: number }>();

  async function open(id: string): Promise<OpenRun> {
    const known = runs.get(id);
    if (known) return known;
    const run = await tx.runs.lock(id);
    if (!run) throw new DomainError('not_found', `There is no run ${id}.`);
    const opened = { run: { ...run }, before: run, fromVersion: run.version, lastCompleted: null };
    runs.set(id, opened);
    return opened;
  }

  async function write(job: Job, status: JobStatus, patch: Partial<Job>): Promise<Job> {
    const opened = await open(job.runId);
    const { run } = opened;
    run.version++;
    const moved: Job = { ...job, ...patch, status, version: run.version };
    await tx.jobs.save(moved, job.version);
    const before = load(job.status);
    const after = load(status);
    const queued = after.queued - before.queued;
    const by = { queued, active: after.active - before.active, workMs: queued * job.estimateMs };
    run.jobsQueued += by.queued;
    run.jobsActive += by.active;
    const counted = groups.get(job.groupId) ?? { queued: 0, active: 0, workMs: 0 };
    groups.set(job.groupId, {
      queued: counted.queued + by.queued,
      active: counted.active + by.active,
      workMs: counted.workMs + by.workMs,
    });
    if (status === 'completed') {
      run.counts = addCounts(run.counts, moved.counts);
      opened.lastCompleted = moved;
    }
    if (status === 'queued') targets.set(job.target, targets.get(job.target));
    if (status !== 'queued' && moved.startedAt !== null) run.startedAt ??= now;
    return moved;
  }

  async function conclude({ run, lastCompleted }: OpenRun): Promise<void> {
    if (run.status === 'completed') return;
    if (run.jobsQueued + run.jobsActive > 0) {
      if (run.startedAt !== null) run.status = 'running';
      return;
    }
    const jobs = run.jobsTotal === 1 && lastCompleted ? [lastCompleted] : await tx.jobs.ofRun(run.id);
    const { conclusion, reason } = concludeRun(jobs);
    Object.assign(run, {
      conclusion,
      reason: reason ?? run.reason,
      status: 'completed',
      awaitingApproval: false,
      completedAt: now,
      dedupeKey: null,
      supersedeKey: null,
      queueDeadlineAt: null,
      clientLeaseExpiresAt: null,
    });
  }

  return {
    tx,
    now,
    async lockGroups(ids) {
      for (const id of [...new Set(ids)].sort()) await tx.groups.lock(id);
    },
    run: async (id) => (await open(id)).run,
    async touchRun(id, patch = {}) {
      const { run } = await open(id);
      return Object.assign(run, patch, { version: run.version + 1 });
    },
    async move(job, event, patch = {}) {
      const status = nextStatus(job.status, event);
      if (status === null) {
        throw new DomainError('illegal_transition', `Job ${job.id} is ${job.status}: it cannot be ${event}.`);
      }
      return write(job, status, patch);
    },
    touchJob: (job, patch) => write(job, job.status, patch),
    async tell(runId, type, data) {
      const { run } = await open(runId);
      run.version++;
      await tx.results.insertEvent({ runId, version: run.version, type, data });
    },
    workArrived: (target, kind) => void targets.set(target, kind ?? targets.get(target)),
    async flush() {
      for (const [id, opened] of runs) {
        if (opened.run.version === opened.fromVersion) continue;
        await conclude(opened);
        await tx.runs.save(opened.run, opened.fromVersion);
        if (isPosted(deps, opened.run)) await tx.checks.want(id, urgencyOf(opened.before, opened.run), now);
        opened.fromVersion = opened.run.version;
      }
      for (const [id, by] of groups) await tx.groups.move(id, by);
      groups.clear();
    },
  };
}

function load(status: JobStatus): { queued: number; active: number } {
  return { queued: Number(status === 'queued'), active: Number(status === 'assigned' || status === 'running') };
}
