import type { TestResult } from '../../contract/job.ts';
import { mustSetAside, regressionHint, setAsideMs, suspect, trust, type Working } from '../domain/blame-matrix.ts';
import { flakyTests } from '../domain/counts.ts';
import { isAtWork } from '../domain/device-rest.ts';
import { flakyRateOf, learnFlaky } from '../domain/flakiness.ts';
import type { Agent, Attempt, Device, Job, Lease } from '../domain/model.ts';
import { failedAt, placeOf } from '../domain/retry-place.ts';
import type { Settlement } from '../domain/settle.ts';
import type { FlakyRecord } from '../store/learnt-records.ts';
import type { Tx } from '../store/store.ts';
import type { Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { onlineSince, servedBy, serves } from './fleet.ts';

/** Of one file, so many flaky tests are known at most. */
export const mostFlakyTests = 100;

/**
 * Learns from a job that passed: tests that failed before are flaky, the device is trusted more, and those that the job failed
 * on less. @param attempts all of the job's, this one last
 */
export async function learnFromPass(
  deps: Deps,
  changes: Changes,
  job: Job,
  lease: Lease,
  attempts: readonly Attempt[],
): Promise<void> {
  const { tx } = changes;
  await trustDevice(tx, lease);
  const flaky = flakyTests(attempts);
  const elsewhere = job.failedOn.filter((place) => place !== placeOf(lease.agentName, lease.deviceId));
  if (flaky.length === 0 && elsewhere.length === 0) return;
  const known = await tx.flakyTests.ofFile(job.orgId, job.testPath, job.target, mostFlakyTests);
  const seen = await attemptsOfFile(tx, job);
  const rate = Math.max(0, ...known.map((one) => flakyRateOf(one, seen)));
  for (const place of elsewhere) await blameDevice(deps, changes, job, place, rate);
  for (const test of flaky) await noteFlaky(deps, changes, job, test, { known, seen });
}

/** What was decided, with a hint on it where a job ends failed that may be a regression. */
export async function withHint(tx: Tx, job: Job, place: string, settlement: Settlement): Promise<Settlement> {
  const { kind, spends } = settlement;
  if (kind !== 'completed' || (spends?.class !== 'test' && spends?.class !== 'timeout')) return settlement;
  const history = await tx.durations.ofTest(job.orgId, job.testPath, job.target);
  const passedWith = history.find(({ passedAppVersionId }) => passedAppVersionId !== null)?.passedAppVersionId ?? null;
  const passedWithThis = history.some(({ passedAppVersionId }) => passedAppVersionId === job.appVersionId);
  const failedOn = failedAt(job.failedOn, place);
  const hint = passedWithThis ? null : regressionHint({ ...job, failedOn }, passedWith);
  return hint === null ? settlement : { ...settlement, reason: [settlement.reason, hint].filter(Boolean).join(' ') };
}

/** How many attempts of a job's file are in its history. */
export async function attemptsOfFile(tx: Tx, { orgId, testPath, target }: Job): Promise<number> {
  const history = await tx.durations.ofTest(orgId, testPath, target);
  return history.reduce((sum, { seen }) => sum + seen, 0);
}

/** The title of a test within its file, as flaky tests are kept by it. */
export function titleHashOf(deps: Pick<Deps, 'sha256'>, { title_path }: Pick<TestResult, 'title_path'>): string {
  return deps.sha256(JSON.stringify(title_path));
}

async function trustDevice(tx: Tx, { agentId, deviceId }: Lease): Promise<void> {
  const seen = await tx.agents.findDevice(agentId, deviceId);
  if (!seen || trust(seen.suspicion) === seen.suspicion) return;
  const device = await tx.agents.lockDevice(agentId, deviceId);
  if (device) await tx.agents.saveSuspicion({ ...device, suspicion: trust(device.suspicion) });
}

async function blameDevice(deps: Deps, { tx, now }: Changes, job: Job, place: string, rate: number): Promise<void> {
  const online = (await tx.agents.onlineDevices(onlineSince(deps, now))).filter(({ agent }) => agent.command === null);
  const at = online.find(({ agent, device }) => serves(agent, job.orgId) && placeOf(agent.name, device.id) === place);
  const blamed = at && (await tx.agents.lockDevice(at.agent.id, at.device.id));
  if (!blamed) return;
  const test = deps.sha256(JSON.stringify([job.orgId, job.testPath])).slice(0, 16);
  const suspicion = suspect(blamed.suspicion, test, rate);
  if (suspicion === blamed.suspicion) return;
  const accused: Working = { device: { ...blamed, suspicion }, orgId: servedBy(at.agent) };
  const others = online.filter(({ agent, device }) => isAtWork(device) && (agent !== at.agent || device !== at.device));
  const mayBeAside =
    mustSetAside(accused, others.map(asWorking), now) && mustSetAside(accused, await lockAll(tx, others), now);
  await tx.agents.saveSuspicion({
    ...blamed,
    suspicion,
    suspectUntil: mayBeAside ? now + setAsideMs : blamed.suspectUntil,
  });
}

interface Online {
  agent: Agent;
  device: Device;
}

/** As they are now, kept so until the unit of work ends: or two at once could each be the last that may be set aside. */
async function lockAll(tx: Tx, online: readonly Online[]): Promise<Working[]> {
  const locked: Working[] = [];
  for (const { agent, device } of online) {
    const now = await tx.agents.lockDevice(agent.id, device.id);
    if (now) locked.push(asWorking({ agent, device: now }));
  }
  return locked;
}

function asWorking({ agent, device }: Online): Working {
  return { device, orgId: servedBy(agent) };
}

async function noteFlaky(
  deps: Deps,
  { tx, now }: Changes,
  { orgId, testPath, target }: Job,
  test: TestResult,
  { known, seen }: { known: readonly FlakyRecord[]; seen: number },
): Promise<void> {
  const titleHash = titleHashOf(deps, test);
  const before = known.find((one) => one.titleHash === titleHash);
  if (!before && known.length >= mostFlakyTests) return;
  const key = { orgId, testPath, target, titleHash, titlePath: test.title_path };
  await tx.flakyTests.save({ ...key, ...learnFlaky(before, seen), seenAt: now });
}
