import { expect, test } from 'vitest';
import { openSqlite } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import {
  agent,
  apiKey,
  appVersion,
  attempt,
  device,
  event,
  group,
  job,
  lease,
  newId,
  noon,
  org,
  run,
} from '../support/records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

test('what a request or a claim does prepares no statement: all were prepared when the store was opened', async () => {
  let prepared = 0;
  const store = openSqlite(folder.file('prepare.db'), {
    onConnection(connection) {
      const prepare = connection.prepare.bind(connection);
      connection.prepare = ((sql: string) => {
        prepared++;
        return prepare(sql);
      }) as typeof connection.prepare;
    },
  });
  expect(prepared).toBeGreaterThan(100);
  await everyHotOperation(store);
  const first = prepared;
  await everyHotOperation(store);
  expect(prepared - first).toBe(0);
  // the lists, whose filters make the statement, are the measure's control
  await store.read((tx) => tx.runs.list({ orgId: null, before: null, limit: 1 }));
  expect(prepared - first).toBe(1);
  await store.close();
});

/** All that submitting, claiming, reporting, heartbeats and waiting are made of. */
async function everyHotOperation(store: Store): Promise<void> {
  const [acme, aKey, aVersion, aGroup, anAgent, aLease] = [org(), apiKey(), appVersion(), group(), agent(), lease()];
  const aRun = run({ dedupeKey: newId('dedupe'), supersedeKey: newId('supersede') });
  const aJob = job({ runId: aRun.id, groupId: aGroup.id });
  const aDevice = device({ agentId: anAgent.id });
  const anAttempt = attempt({ jobId: aJob.id });
  await store.transaction(async (tx) => {
    await tx.orgs.insert(acme);
    await tx.orgs.save(acme);
    await tx.accounts.insertKey(aKey);
    await tx.accounts.touchKey(aKey.id, noon);
    await tx.accounts.insertBlob({ orgId: acme.id, sha256: 'a', sizeBytes: 1, createdAt: noon });
    await tx.accounts.insertAppVersion(aVersion);
    const installs = { orgId: acme.id, appVersionId: null, target: 'emulator' as const };
    await tx.installTimes.save({ ...installs, medianMs: 1000, seen: 1 });
    await tx.installTimes.find(installs);
    await tx.accounts.insertAnswer({ scope: acme.id, key: 'k', requestHash: 'h', answer: {}, createdAt: noon });
    await tx.runs.insert(aRun);
    await tx.jobs.insert([aJob]);
    await tx.groups.enqueue(aGroup, { count: 1, workMs: 60_000, priority: 5, enqueuedAt: noon });
    await tx.agents.insert(anAgent, [aDevice]);
    await tx.agents.save(anAgent);
    await tx.agents.saveDevice(aDevice);
    await tx.leases.insert(aLease);
    await tx.leases.save(aLease);
    await tx.leases.renew(aLease.id, aLease.agentId, noon);
    await tx.groups.lock(aGroup.id);
    await tx.runs.lock(aRun.id);
    await tx.leases.lock(aLease.id);
    await tx.jobs.save({ ...aJob, status: 'assigned', version: 2 }, 1);
    await tx.durations.save({
      orgId: 'acme',
      testPath: 'tests/a.spec.ts',
      target: 'emulator',
      platform: 'web',
      medianMs: 1,
      seen: 1,
      passedAppVersionId: null,
    });
    await tx.groups.move(aGroup.id, { queued: -1, active: 1, workMs: -60_000 });
    await tx.groups.move(aGroup.id, { queued: 0, active: -1, workMs: 0 });
    await tx.runs.save({ ...aRun, version: 2 }, 1);
    await tx.results.insert(anAttempt);
    await tx.results.insertEvent(event({ runId: aRun.id }));
  });
  const fails = store.transaction(() => Promise.reject(new Error('undone')));
  await expect(fails).rejects.toThrow('undone');
  await store.read(async (tx) => {
    await tx.orgs.find(acme.id);
    await tx.orgs.list('', 10);
    await tx.accounts.findKeyByHash(aKey.hash);
    await tx.accounts.hasKeys();
    await tx.accounts.findBlob(acme.id, 'a');
    await tx.accounts.findAnyBlob('a');
    await tx.accounts.findAppVersion(aVersion.orgId, aVersion.id);
    await tx.accounts.findAnswer(acme.id, 'k');
    await tx.runs.find(aRun.id);
    await tx.runs.findByDedupeKey('d');
    await tx.runs.findBySupersedeKey('s');
    await tx.runs.findEarlierAttempt('r', 2);
    await tx.runs.retriesOf('r', 1);
    await tx.runs.due(noon, 10);
    await tx.jobs.find(aJob.id);
    await tx.jobs.ofRun(aRun.id);
    await tx.jobs.ofRunSince(aRun.id, 0);
    await tx.jobs.ofLease(aLease.id);
    await tx.jobs.heads(aGroup.id, 10, noon);
    await tx.jobs.countAhead(aJob, 1);
    await tx.groups.find(aGroup.id);
    await tx.groups.waiting('emulator', null);
    await tx.groups.waiting('emulator', 'acme');
    await tx.durations.ofTest('acme', 'tests/a.spec.ts', 'emulator');
    await tx.groups.totals(null);
    await tx.groups.totals('acme');
    await tx.results.find(aJob.id, 1);
    await tx.results.ofJob(aJob.id);
    await tx.results.ofRun(aRun.id);
    await tx.results.fullOfJob(aJob.id);
    await tx.results.fullOfRun(aRun.id);
    await tx.flakyTests.ofFile('acme', 'tests/a.spec.ts', 'emulator', 10);
    await tx.results.eventsSince(aRun.id, 0, 10);
    await tx.agents.find(anAgent.id);
    await tx.agents.devicesOf(anAgent.id);
    await tx.agents.findDevice(anAgent.id, aDevice.id);
    await tx.agents.onlineDevices(noon);
    await tx.leases.find(aLease.id);
    await tx.leases.active();
    await tx.leases.activeOfDevice(aLease.agentId, aLease.deviceId);
    await tx.leases.expired(noon, 10);
  });
  await store.check();
}
