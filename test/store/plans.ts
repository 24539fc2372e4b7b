import type { Db, Statement } from '../../server/store/queries/statement.ts';
import { createPrepare } from '../../server/store/queries/statement.ts';
import { createTx } from '../../server/store/queries/tx.ts';
import type { Schema } from '../../server/store/schema.ts';
import type { Tx } from '../../server/store/store.ts';
import { checkRun, group, job, lease, noon, run } from '../support/records.ts';

/** A Tx that remembers the text of each statement it runs. */
export function recordingTx(db: Db, schema: Schema, lock: <Q>(query: Q) => Q): { tx: Tx; ran: string[] } {
  const ran: string[] = [];
  const prepare = createPrepare();
  const tx = createTx({
    db,
    schema,
    lock,
    prepare: <Row>(query: PromiseLike<Row[]> | PromiseLike<unknown>): Statement<Row> => {
      const prepared = prepare<Row>(query);
      // safe because every query builder of both dialects has toSQL()
      const text = (query as unknown as { toSQL(): { sql: string } }).toSQL().sql;
      return {
        execute(values) {
          ran.push(text);
          return prepared.execute(values);
        },
      };
    },
  });
  return { tx, ran };
}

/** What must cost the same at a thousand and at a million rows, with the indexes that make it so. */
export const indexed: { title: string; indexes: string[]; work: (tx: Tx) => Promise<unknown> }[] = [
  { title: 'heads of a group', indexes: ['jobs_queue'], work: (tx) => tx.jobs.heads('group', 10, noon) },
  { title: 'jobs of a lease', indexes: ['jobs_lease'], work: (tx) => tx.jobs.ofLease('lease') },
  { title: 'jobs of a run', indexes: ['jobs_run'], work: (tx) => tx.jobs.ofRun('run') },
  { title: 'a guarded save of a job', indexes: ['jobs_id'], work: (tx) => tx.jobs.save(job(), 1).catch(() => {}) },
  {
    title: 'the new head of a group',
    indexes: ['jobs_queue'],
    work: (tx) => tx.groups.move(group().id, { queued: -1, active: 1, workMs: -60_000 }),
  },
  { title: 'groups with waiting jobs', indexes: ['groups_waiting'], work: (tx) => tx.groups.waiting('emulator', null) },
  {
    title: 'how long a test file takes',
    indexes: ['durations'],
    work: (tx) => tx.durations.ofTest('acme', 'tests/a.spec.ts', 'device'),
  },
  {
    title: 'runs that are due',
    indexes: ['runs_queue_deadline', 'runs_client_lease'],
    work: (tx) => tx.runs.due(noon, 10),
  },
  { title: 'the run of a dedupe key', indexes: ['runs_dedupe'], work: (tx) => tx.runs.findByDedupeKey('key') },
  { title: 'runs of a supersede key', indexes: ['runs_supersede'], work: (tx) => tx.runs.findBySupersedeKey('key') },
  {
    title: 'the earlier attempt of a rerun key',
    indexes: ['runs_rerun'],
    work: (tx) => tx.runs.findEarlierAttempt('key', 2),
  },
  { title: 'the retries of a run', indexes: ['runs_retry'], work: (tx) => tx.runs.retriesOf('run', 10) },
  { title: 'runs of a commit', indexes: ['runs_commit'], work: (tx) => tx.runs.ofCommit(1, 'sha', 10) },
  { title: 'active runs of a repository', indexes: ['runs_active'], work: (tx) => tx.runs.activeOf(1) },
  { title: 'passed runs of a content key', indexes: ['runs_content'], work: (tx) => tx.runs.passedWith('key', 10) },
  { title: 'deliveries that are due', indexes: ['deliveries_due'], work: (tx) => tx.deliveries.due(noon, 10) },
  {
    title: 'deliveries to forget',
    indexes: ['deliveries_ended'],
    work: (tx) => tx.deliveries.forgetEnded(noon, 10),
  },
  {
    title: 'quarantines of a repository',
    indexes: ['quarantines_repository'],
    work: (tx) => tx.quarantines.active('acme', 1, noon),
  },
  { title: 'a guarded save of a run', indexes: ['runs_id'], work: (tx) => tx.runs.save(run(), 1).catch(() => {}) },
  { title: 'expired leases', indexes: ['leases_expiry'], work: (tx) => tx.leases.expired(noon, 10) },
  { title: 'active leases', indexes: ['leases_'], work: (tx) => tx.leases.active() },
  {
    title: 'the active lease of a device',
    indexes: ['leases_device'],
    work: (tx) => tx.leases.activeOfDevice(lease().agentId, lease().deviceId),
  },
  { title: 'events since a version', indexes: ['events_run'], work: (tx) => tx.results.eventsSince('run', 1, 10) },
  {
    title: 'all of a run, carried over or not',
    indexes: ['jobs_run', 'attempts'],
    work: (tx) => tx.results.fullOfRun('run'),
  },
  {
    title: 'the sessions of a trust policy',
    indexes: ['api_keys_policy'],
    work: (tx) => tx.accounts.revokeSessions('policy', noon),
  },
  {
    title: 'lanes with something to tell GitHub',
    // Postgres takes either index while the table is small
    indexes: ['check_runs_'],
    work: (tx) => tx.checks.dueLanes('github.com', noon, 10),
  },
  {
    title: 'what a lane tells first',
    indexes: ['check_runs_lane'],
    work: (tx) => tx.checks.head({ host: 'github.com', owner: 'acme' }, noon),
  },
  {
    title: 'what GitHub is to make first',
    indexes: ['check_runs_unmade'],
    work: (tx) => tx.checks.firstUnmade(checkRun()),
  },
  {
    title: 'what could not be posted',
    indexes: ['check_runs_unpostable'],
    work: (tx) => tx.checks.resume({ host: 'github.com', owner: 'acme' }, noon, noon),
  },
  {
    title: "what ran of an organisation's jobs",
    indexes: ['jobs_org', 'runs_id', 'attempts'],
    work: (tx) => tx.history.jobs('acme', null, 10),
  },
  { title: 'what ran of all jobs', indexes: ['runs_id', 'attempts'], work: (tx) => tx.history.jobs(null, 7, 10) },
  { title: 'attempts of a job', indexes: ['attempts'], work: (tx) => tx.results.ofJob('job') },
];
