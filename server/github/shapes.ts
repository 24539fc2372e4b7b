import { z } from 'zod';
import type { RemoteCheckRun, RemoteDelivery, RemoteInstallation, RemotePullRequest } from './github.ts';

/** What is read of GitHub's answers; whatever else they hold is left alone. */

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const CheckRun = z
  .object({
    id: z.int(),
    external_id: z.string().nullable(),
    name: z.string(),
    head_sha: z.string(),
    status: z.string(),
    conclusion: z.string().nullable(),
    output: z.object({ annotations_count: z.int() }),
  })
  .transform(
    (one): RemoteCheckRun => ({
      id: one.id,
      externalId: one.external_id ?? '',
      name: one.name,
      headSha: one.head_sha,
      // GitHub has further words (waiting, requested, pending) for check runs that are not ours
      status: one.status === 'completed' || one.status === 'in_progress' ? one.status : 'queued',
      conclusion: one.conclusion,
      annotationsCount: one.output.annotations_count,
    }),
  );

export const CheckRuns = z.object({ check_runs: z.array(CheckRun) });

export const PullRequest = z
  .object({
    number: z.int(),
    state: z.enum(['open', 'closed']),
    head: z.object({ sha: z.string(), repo: z.object({ full_name: z.string() }).nullable() }),
    base: z.object({ repo: z.object({ full_name: z.string() }) }),
    updated_at: instant,
  })
  .transform(
    (one): RemotePullRequest => ({
      number: one.number,
      state: one.state,
      headSha: one.head.sha,
      headRepository: one.head.repo?.full_name ?? null,
      baseRepository: one.base.repo.full_name,
      updatedAt: one.updated_at,
    }),
  );

export const PullRequests = z.array(PullRequest);

export const Permission = z.object({ permission: z.enum(['admin', 'write', 'read', 'none']) });

export const WorkflowRun = z
  .object({ status: z.string().nullable(), conclusion: z.string().nullable(), run_attempt: z.int().optional() })
  .transform((one) => ({
    status: one.status ?? 'unknown',
    conclusion: one.conclusion,
    runAttempt: one.run_attempt ?? 1,
  }));

export const Installation = z
  .object({ id: z.int(), suspended_at: z.string().nullish() })
  .transform((one) => ({ id: one.id, suspended: Boolean(one.suspended_at) }));

export const Installations = z.array(
  z
    .object({
      id: z.int(),
      account: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullable(),
      suspended_at: z.string().nullish(),
      repository_selection: z.enum(['all', 'selected']),
    })
    .transform(
      (one): RemoteInstallation => ({
        id: one.id,
        // an enterprise has a slug where others have a login
        account: one.account?.login ?? one.account?.slug ?? `installation ${one.id}`,
        suspended: Boolean(one.suspended_at),
        selection: one.repository_selection,
      }),
    ),
);

export const Conversion = z.object({
  id: z.int(),
  slug: z.string(),
  name: z.string(),
  client_id: z.string(),
  pem: z.string(),
  webhook_secret: z.string().min(1),
});

export const Deliveries = z.array(
  z.object({ id: z.int(), guid: z.string(), delivered_at: instant, status_code: z.int() }).transform(
    (one): RemoteDelivery => ({
      id: one.id,
      guid: one.guid,
      deliveredAt: one.delivered_at,
      isSuccess: one.status_code >= 200 && one.status_code < 300,
    }),
  ),
);

export const App = z.object({
  slug: z.string().optional(),
  permissions: z.record(z.string(), z.string()),
  events: z.array(z.string()),
});

export const HookConfig = z.object({ url: z.string().optional() });

export const Anything = z.unknown();
