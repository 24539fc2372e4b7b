import type { z } from 'zod';
import type { InstallReport } from '../../contract/agent.ts';
import { DomainError } from '../domain/errors.ts';
import { change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { learnFromInstall } from './estimates.ts';
import { holdLease, type LeaseProof } from './lease-guard.ts';

/** An entry of the install ledger: what a device did about the app. @throws DomainError `not_found`, `lease_lost`, `validation_failed` for other bytes */
export async function reportInstall(
  deps: Deps,
  caller: Caller,
  proof: LeaseProof,
  body: z.output<typeof InstallReport>,
): Promise<void> {
  await change(deps, async (changes) => {
    const { tx } = changes;
    const lease = await holdLease(tx, caller, proof);
    const registered = await tx.accounts.findAppVersion(lease.orgId, lease.appVersionId);
    if (body.result !== 'failed' && registered && registered.sha256 !== body.sha256) {
      const errors = [{ path: 'body.sha256', message: `the app version has the bytes ${registered.sha256}` }];
      throw new DomainError('validation_failed', 'The device has other bytes than the app version: install it anew.', {
        errors,
      });
    }
    const { result, duration_ms, sha256 } = body;
    await tx.leases.save({
      ...lease,
      install: { result, durationMs: duration_ms, reason: body.reason ?? null },
      installAttributed: false,
    });
    const device = await tx.agents.findDevice(lease.agentId, lease.deviceId);
    if (device && result === 'installed') await learnFromInstall(tx, lease, device.target, duration_ms);
    const installed =
      result === 'failed' ? null : { org_id: lease.orgId, app_version_id: lease.appVersionId, sha256: sha256 };
    if (device) await tx.agents.saveDevice({ ...device, installed });
    const told = { agent: lease.agentName, device: lease.deviceId, app_version_id: lease.appVersionId, ...body };
    const runs = new Set((await tx.jobs.ofLease(lease.id)).map((job) => job.runId));
    for (const runId of [...runs].sort()) await changes.tell(runId, 'device', told);
  });
}
