import type { Tx } from '../store.ts';
import { accountRecords } from './accounts.ts';
import { agentRecords } from './agents.ts';
import { approvalRecords } from './approvals.ts';
import { checkRecords } from './checks.ts';
import { deliveryRecords } from './deliveries.ts';
import { durationRecords } from './durations.ts';
import { flakyTestRecords } from './flaky-tests.ts';
import { githubAppRecords } from './github-apps.ts';
import { groupRecords } from './groups.ts';
import { historyRecords } from './history.ts';
import { installTimeRecords } from './install-times.ts';
import { installationRecords } from './installations.ts';
import { jobRecords } from './jobs.ts';
import { leaseRecords } from './leases.ts';
import { orgRecords } from './orgs.ts';
import { quarantineRecords } from './quarantines.ts';
import { resultRecords } from './results.ts';
import { runRecords } from './runs.ts';
import type { Connection } from './statement.ts';

/** Every query on one connection, each hot one prepared now and never again. */
export function createTx(connection: Connection): Tx {
  return {
    orgs: orgRecords(connection),
    accounts: accountRecords(connection),
    runs: runRecords(connection),
    jobs: jobRecords(connection),
    history: historyRecords(connection),
    durations: durationRecords(connection),
    installTimes: installTimeRecords(connection),
    flakyTests: flakyTestRecords(connection),
    groups: groupRecords(connection),
    results: resultRecords(connection),
    agents: agentRecords(connection),
    leases: leaseRecords(connection),
    checks: checkRecords(connection),
    githubApps: githubAppRecords(connection),
    deliveries: deliveryRecords(connection),
    approvals: approvalRecords(connection),
    quarantines: quarantineRecords(connection),
    installations: installationRecords(connection),
  };
}
