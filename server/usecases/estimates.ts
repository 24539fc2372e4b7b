import type { Target } from '../../contract/words.ts';
import { learnDuration } from '../domain/estimate.ts';
import type { Job, Lease, Run } from '../domain/model.ts';
import type { Tx } from '../store/store.ts';
import type { Deps } from './deps.ts';

/** What a job of this test file is expected to need, ms: from its history on such devices, else what is assumed of any. */
export async function estimateMsOf(
  deps: Pick<Deps, 'policy'>,
  tx: Tx,
  { orgId, target, devices }: Pick<Run, 'orgId' | 'target' | 'devices'>,
  testPath: string,
): Promise<number> {
  const known = await tx.durations.ofTest(orgId, testPath, target);
  const platforms = devices.map(({ platform }) => platform);
  const fitting = known.filter(({ platform }) => platforms.length === 0 || platforms.includes(platform));
  return (fitting[0] ?? known[0])?.medianMs ?? deps.policy.assumedJobMs;
}

/** What an install of an app version is expected to take, ms: as those before on such devices did, else the organisation's others; null before any. */
export async function installMsOf(
  tx: Tx,
  { orgId, appVersionId, target }: Pick<Run, 'orgId' | 'appVersionId' | 'target'>,
): Promise<number | null> {
  const own = await tx.installTimes.find({ orgId, appVersionId, target });
  const any = own ?? (await tx.installTimes.find({ orgId, appVersionId: null, target }));
  return any?.medianMs ?? null;
}

/** Learns from an install that was made, of its version and for the next one. */
export async function learnFromInstall(
  tx: Tx,
  { orgId, appVersionId }: Lease,
  target: Target,
  tookMs: number,
): Promise<void> {
  for (const kind of [
    { orgId, appVersionId, target },
    { orgId, appVersionId: null, target },
  ]) {
    await tx.installTimes.save({ ...kind, ...learnDuration(await tx.installTimes.find(kind), tookMs) });
  }
}

/** Learns from an attempt that ran to its end. */
export async function learnFromAttempt(
  tx: Tx,
  { orgId, testPath, target, appVersionId }: Job,
  { agentId, deviceId }: Lease,
  { durationMs, passed }: { durationMs: number; passed: boolean },
): Promise<void> {
  const device = await tx.agents.findDevice(agentId, deviceId);
  if (!device) return;
  const known = await tx.durations.ofTest(orgId, testPath, target);
  const before = known.find(({ platform }) => platform === device.platform);
  const { platform } = device;
  const passedAppVersionId = passed ? appVersionId : (before?.passedAppVersionId ?? null);
  const learnt = learnDuration(before, durationMs);
  await tx.durations.save({ orgId, testPath, target, platform, passedAppVersionId, ...learnt });
}
