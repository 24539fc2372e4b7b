import { and, desc, eq, lt, type SQL } from 'drizzle-orm';
import type { PastJob } from '../../domain/past-job.ts';
import type { HistoryRecords } from '../history-records.ts';
import { type Connection, integer, rows, text } from './statement.ts';

/** Of what a join does not find, Postgres's driver gives null and SQLite's an object of nulls. */
type Joined<T> = T | { [K in keyof T]: null } | null;

interface Row {
  job: Omit<PastJob, 'requirements' | 'attempt' | 'device' | 'installMs'>;
  run: Joined<{ requirements: PastJob['requirements'] }>;
  install: Joined<{ medianMs: number }>;
  attempt: Joined<NonNullable<PastJob['attempt']>>;
  device: Joined<NonNullable<PastJob['device']>>;
}

export function historyRecords({ db, schema, prepare }: Connection): HistoryRecords {
  const { attempts, devices, installTimes, jobs, leases, runs } = schema;
  const columns = {
    job: {
      seq: jobs.seq,
      id: jobs.id,
      orgId: jobs.orgId,
      repositoryId: jobs.repositoryId,
      appVersionId: jobs.appVersionId,
      target: jobs.target,
      priority: jobs.priority,
      status: jobs.status,
      createdAt: jobs.createdAt,
      estimateMs: jobs.estimateMs,
    },
    run: { requirements: runs.devices },
    install: { medianMs: installTimes.medianMs },
    attempt: {
      agent: attempts.agent,
      device: attempts.device,
      durationMs: attempts.durationMs,
      install: attempts.install,
    },
    device: {
      target: devices.target,
      platform: devices.platform,
      model: devices.model,
      osVersion: devices.osVersion,
      labels: devices.labels,
    },
  };
  const where = (condition: SQL | undefined) =>
    prepare<Row>(
      db
        .select(columns)
        .from(jobs)
        // left joins alone, so that jobs are what is walked through, in the order of the index, and no more of them than asked
        .leftJoin(runs, eq(runs.id, jobs.runId))
        .leftJoin(
          attempts,
          and(eq(attempts.jobId, jobs.id), eq(attempts.number, jobs.attempts), eq(jobs.status, 'completed')),
        )
        .leftJoin(leases, eq(leases.id, attempts.leaseId))
        .leftJoin(devices, and(eq(devices.agentId, leases.agentId), eq(devices.id, attempts.device)))
        .leftJoin(
          installTimes,
          and(
            eq(installTimes.orgId, jobs.orgId),
            eq(installTimes.appVersionId, jobs.appVersionId),
            eq(installTimes.target, jobs.target),
          ),
        )
        .where(condition)
        .orderBy(desc(jobs.seq))
        .limit(rows('limit')),
    );
  const isBefore = lt(jobs.seq, integer('before'));
  const ofAll = where(isBefore);
  const ofOrg = where(and(eq(jobs.orgId, text('orgId')), isBefore));

  return {
    jobs: async (orgId, before, limit) => {
      const page = { before: before ?? Number.MAX_SAFE_INTEGER, limit };
      const found = orgId === null ? await ofAll.execute(page) : await ofOrg.execute({ ...page, orgId });
      return found.map(fromRow);
    },
  };
}

function fromRow({ job, run, install, attempt, device }: Row): PastJob {
  return {
    ...job,
    requirements: run?.requirements ?? null,
    attempt: attempt === null || attempt.agent === null ? null : attempt,
    device: device === null || device.target === null ? null : device,
    installMs: install?.medianMs ?? null,
  };
}
