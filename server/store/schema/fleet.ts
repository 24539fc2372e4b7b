import { sql } from 'drizzle-orm';
import type { InstalledApp } from '../../../contract/agent.ts';
import type { AgentCommand, DeviceRequirement, DeviceState, Platform, Target } from '../../../contract/words.ts';
import type { Suspicion } from '../../domain/blame-matrix.ts';
import type { AttemptInstall, Lease } from '../../domain/model.ts';
import type { Columns } from '../columns.sqlite.ts';

/** Groups of waiting jobs, the devices that take them, and the leases between the two. */
export function defineFleet({ table, text, int, bool, time, json, primaryKey, index }: Columns) {
  const groups = table(
    'groups',
    {
      id: text('id').primaryKey(),
      orgId: text('org_id').notNull(),
      appVersionId: text('app_version_id').notNull(),
      target: text('target').$type<Target>().notNull(),
      devices: json<DeviceRequirement[]>('devices').notNull(),
      queued: int('queued').notNull(),
      active: int('active').notNull(),
      /** The sum of the waiting jobs' estimates. */
      workMs: int('work_ms').notNull(),
      /** The rank of the waiting job that comes first: see rank.ts. */
      headRank: int('head_rank').notNull(),
    },
    (t) => [
      index('groups_waiting').on(t.target).where(sql`queued > 0`),
      index('groups_org').on(t.orgId).where(sql`queued > 0 or active > 0`),
    ],
  );

  const agents = table(
    'agents',
    {
      id: text('id').primaryKey(),
      orgId: text('org_id'),
      keyId: text('key_id').notNull(),
      shared: bool('shared').notNull(),
      name: text('name').notNull(),
      labels: json<string[]>('labels').notNull(),
      command: text('command').$type<AgentCommand>(),
      registeredAt: time('registered_at').notNull(),
      lastHeartbeatAt: time('last_heartbeat_at').notNull(),
    },
    (t) => [index('agents_heartbeat').on(t.lastHeartbeatAt), index('agents_name').on(t.name, t.registeredAt)],
  );

  const devices = table(
    'devices',
    {
      agentId: text('agent_id').notNull(),
      id: text('id').notNull(),
      target: text('target').$type<Target>().notNull(),
      platform: text('platform').$type<Platform>().notNull(),
      model: text('model'),
      osVersion: text('os_version'),
      labels: json<string[]>('labels').notNull(),
      state: text('state').$type<DeviceState>().notNull(),
      stateReason: text('state_reason'),
      stateChangedAt: time('state_changed_at').notNull(),
      installed: json<InstalledApp>('installed'),
      lastGroupId: text('last_group_id'),
      turnStartedAt: time('turn_started_at'),
      helpedAt: time('helped_at'),
      nothingOfGroupId: text('nothing_of_group_id'),
      suspicion: json<Suspicion>('suspicion').notNull(),
      suspectUntil: time('suspect_until'),
    },
    (t) => [primaryKey({ columns: [t.agentId, t.id] })],
  );

  const leases = table(
    'leases',
    {
      id: text('id').primaryKey(),
      token: text('token').notNull(),
      agentId: text('agent_id').notNull(),
      agentName: text('agent_name').notNull(),
      deviceId: text('device_id').notNull(),
      groupId: text('group_id').notNull(),
      orgId: text('org_id').notNull(),
      appVersionId: text('app_version_id').notNull(),
      status: text('status').$type<Lease['status']>().notNull(),
      createdAt: time('created_at').notNull(),
      expiresAt: time('expires_at').notNull(),
      endedAt: time('ended_at'),
      install: json<AttemptInstall>('install'),
      installAttributed: bool('install_attributed').notNull(),
    },
    (t) => [
      index('leases_expiry').on(t.expiresAt).where(sql`status = 'active'`),
      index('leases_device').on(t.agentId, t.deviceId).where(sql`status = 'active'`),
    ],
  );

  return { groups, agents, devices, leases };
}
