import type { z } from 'zod';
import type { AgentResource, Claim, DeviceResource, LeasedJob } from '../../contract/agent.ts';
import type { ApiKey, Org as OrgResource, Quarantine as QuarantineResource } from '../../contract/org.ts';
import type { AppVersion as AppVersionResource } from '../../contract/run.ts';
import type { page } from '../../contract/words.ts';
import type { AppVersion, Org } from '../domain/model.ts';
import type { Quarantine } from '../domain/quarantine.ts';
import type { AgentView, ClaimView, DeviceView, KeyView, LeasedJobView, Page } from '../usecases/views.ts';
import { instant, optionalInstant } from './present.ts';

type PageResource<T> = Omit<z.output<ReturnType<typeof page>>, 'items'> & { items: T[] };

export function presentPage<T, R>({ items, nextCursor }: Page<T>, present: (item: T) => R): PageResource<R> {
  return { items: items.map(present), next_cursor: nextCursor };
}

export function presentAgent({ agent, online, devices, devicesAtWork }: AgentView): AgentResource {
  return {
    id: agent.id,
    org_id: agent.orgId,
    name: agent.name,
    labels: agent.labels,
    online,
    command: agent.command,
    registered_at: instant(agent.registeredAt),
    last_heartbeat_at: instant(agent.lastHeartbeatAt),
    devices,
    devices_at_work: devicesAtWork,
  };
}

export function presentDevice({ device, agentName, leaseId, setAside }: DeviceView): DeviceResource {
  return {
    id: device.id,
    agent_id: device.agentId,
    agent: agentName,
    target: device.target,
    platform: device.platform,
    model: device.model,
    os_version: device.osVersion,
    labels: device.labels,
    state: device.state,
    state_reason: device.stateReason,
    state_since: instant(device.stateChangedAt),
    installed: device.installed,
    lease_id: leaseId,
    set_aside: setAside && {
      reason: setAside.why,
      since: instant(setAside.sinceAt),
      until: instant(setAside.until),
    },
  };
}

export function presentClaim({ lease, ttlMs, appVersion, installRequired, jobs }: ClaimView): Claim {
  return {
    lease: { id: lease.id, token: lease.token, ttl_ms: ttlMs },
    app_version: {
      org_id: lease.orgId,
      app_version_id: lease.appVersionId,
      sha256: appVersion?.sha256 ?? null,
      url: appVersion && blobPath(appVersion.sha256),
    },
    install_required: installRequired,
    jobs: jobs.map(presentLeasedJob),
  };
}

export function presentLeasedJob(job: LeasedJobView): LeasedJob {
  return {
    id: job.id,
    attempt: job.attempt,
    test_path: job.testPath,
    project: job.project,
    timeout_seconds: job.timeoutSeconds,
    reset: job.reset,
    bundle: job.bundleSha256 === null ? null : { sha256: job.bundleSha256, url: blobPath(job.bundleSha256) },
  };
}

export function presentAppVersion(version: AppVersion): AppVersionResource {
  return {
    org_id: version.orgId,
    app_version_id: version.id,
    sha256: version.sha256,
    platform: version.platform,
    file_name: version.fileName,
    size_bytes: version.sizeBytes,
    created_at: instant(version.createdAt),
  };
}

export function presentOrg({ id, name, createdAt }: Org): OrgResource {
  return { id, name, created_at: instant(createdAt) };
}

export function presentKey(key: KeyView): ApiKey {
  return {
    id: key.id,
    role: key.role,
    name: key.name,
    shared: key.shared,
    created_at: instant(key.createdAt),
    expires_at: optionalInstant(key.expiresAt),
    last_used_at: optionalInstant(key.lastUsedAt),
    workflow: key.workflow && {
      repository: key.workflow.repository,
      repository_id: key.workflow.repositoryId,
      run_id: key.workflow.runId,
      run_attempt: key.workflow.runAttempt,
    },
  };
}

/** Where bytes are on this server. */
export function blobPath(sha256: string): string {
  return `/v1/blobs/${sha256}`;
}

export function presentQuarantine(one: Quarantine): QuarantineResource {
  return {
    id: one.id,
    repository_id: one.repositoryId,
    test_path: one.testPath,
    title_path: one.titlePath,
    until: instant(one.until),
    by: one.by,
    from_run_id: one.fromRunId,
    created_at: instant(one.createdAt),
  };
}
