import { z } from 'zod';
import { commandsIn } from '../domain/github/comment-commands.ts';
import { buttons, type GithubEvent } from '../domain/github/event.ts';

/** Old payloads tell instants in seconds since 1970. */
const Instant = z.union([
  z.iso.datetime({ offset: true }).transform(Date.parse),
  z.number().transform((s) => s * 1000),
]);
const Id = z.int().positive();
const Login = z.string().min(1).max(100);
const Repository = z.object({ id: Id, full_name: z.string().max(255) });
const Sha = z.string().regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/);

const InRepository = z.object({ repository: Repository, installation: z.object({ id: Id }).nullish() });
const Suite = z.object({ head_sha: Sha, updated_at: Instant.nullish() });
const CheckRun = z.object({
  external_id: z.string().max(255).nullish(),
  check_suite: z.object({ updated_at: Instant.nullish() }).nullish(),
});
const Installation = z.object({
  id: Id,
  account: z.object({ login: Login.optional(), slug: Login.optional() }).nullish(),
  suspended_at: Instant.nullish(),
});

type Read = (payload: unknown) => GithubEvent | null;

/** A reader for what one event of one action tells here; null where this very one does not matter. */
function reader<T extends z.ZodType>(schema: T, read: (payload: z.output<T>) => GithubEvent | null): Read {
  return (payload) => read(schema.parse(payload));
}

function inRepository<T extends z.ZodRawShape>(
  shape: T,
  read: (
    payload: z.output<z.ZodObject<T>>,
    where: { repository: { id: number; fullName: string }; installationId: number | null },
  ) => GithubEvent | null,
): Read {
  const specific = z.object(shape);
  return (payload) => {
    const { repository, installation } = InRepository.parse(payload);
    const where = {
      repository: { id: repository.id, fullName: repository.full_name },
      installationId: installation?.id ?? null,
    };
    return read(specific.parse(payload), where);
  };
}

const movedPullRequest = inRepository(
  { pull_request: z.object({ number: Id, updated_at: Instant }) },
  ({ pull_request }, where) => ({
    kind: 'pull_request',
    ...where,
    number: pull_request.number,
    updatedAt: pull_request.updated_at,
  }),
);

const installationOf = (state?: 'deleted') =>
  reader(
    z.object({
      installation: Installation,
      repositories: z.array(z.object({ full_name: z.string().max(255) })).nullish(),
    }),
    ({ installation, repositories }) => ({
      kind: 'installation',
      installationId: installation.id,
      account: installation.account?.login ?? installation.account?.slug ?? '',
      state: state ?? (installation.suspended_at == null ? 'active' : 'suspended'),
      repository: repositories?.[0]?.full_name ?? null,
    }),
  );

const changedRepositories = reader(
  z.object({
    installation: z.object({ id: Id }),
    repositories_added: z.array(Repository).nullish(),
    repositories_removed: z.array(Repository).nullish(),
  }),
  ({ installation, repositories_added, repositories_removed }) => ({
    kind: 'installation_repositories',
    installationId: installation.id,
    changed: [
      ...(repositories_added ?? []).map((each) => ({ id: each.id, fullName: each.full_name, isRemoved: false })),
      ...(repositories_removed ?? []).map((each) => ({ id: each.id, fullName: each.full_name, isRemoved: true })),
    ],
  }),
);

/** By event and action. What is not here is answered and forgotten. */
const readers: Readonly<Record<string, Read>> = {
  'pull_request synchronize': movedPullRequest,
  'pull_request closed': movedPullRequest,
  'workflow_run completed': inRepository(
    { workflow_run: z.object({ id: Id, run_attempt: Id, conclusion: z.string().nullable() }) },
    ({ workflow_run: { id, run_attempt, conclusion } }, where) =>
      conclusion === 'cancelled' ? { kind: 'workflow_cancelled', ...where, runId: id, runAttempt: run_attempt } : null,
  ),
  'check_run rerequested': inRepository({ check_run: CheckRun }, ({ check_run }, where) => ({
    kind: 'check_rerequested',
    ...where,
    externalId: check_run.external_id ?? '',
    at: check_run.check_suite?.updated_at ?? null,
  })),
  'check_run requested_action': inRepository(
    {
      check_run: CheckRun,
      requested_action: z.object({ identifier: z.string() }),
      sender: z.object({ login: Login }),
    },
    ({ check_run, requested_action, sender }, where) => {
      const button = buttons.find((known) => known === requested_action.identifier);
      if (!button) return null;
      return { kind: 'button', ...where, externalId: check_run.external_id ?? '', button, sender: sender.login };
    },
  ),
  'check_suite rerequested': inRepository({ check_suite: Suite }, ({ check_suite }, where) => ({
    kind: 'suite_rerequested',
    ...where,
    headSha: check_suite.head_sha,
    at: check_suite.updated_at ?? null,
  })),
  'merge_group destroyed': inRepository({ merge_group: z.object({ head_sha: Sha }) }, ({ merge_group }, where) => ({
    kind: 'merge_group_destroyed',
    ...where,
    headSha: merge_group.head_sha,
  })),
  'issue_comment created': inRepository(
    {
      issue: z.object({ number: Id, pull_request: z.object({}).nullish() }),
      comment: z.object({
        body: z.string(),
        created_at: Instant,
        performed_via_github_app: z.unknown(),
        user: z.object({ login: Login, type: z.string() }).nullable(),
      }),
    },
    ({ issue, comment }, where) => {
      const { user } = comment;
      const byBot = user === null || user.type === 'Bot' || comment.performed_via_github_app != null;
      const commands = issue.pull_request == null || byBot ? [] : commandsIn(comment.body);
      if (user === null || commands.length === 0) return null;
      const asked = { author: user.login, createdAt: comment.created_at, commands };
      return { kind: 'comment', ...where, pullRequest: issue.number, ...asked };
    },
  ),
  'installation created': installationOf(),
  'installation suspend': installationOf(),
  'installation unsuspend': installationOf(),
  'installation deleted': installationOf('deleted'),
  'installation_repositories added': changedRepositories,
  'installation_repositories removed': changedRepositories,
};

/**
 * What a webhook tells that matters here; null for everything else.
 * @throws z.ZodError when it is one of those that matter and cannot be understood
 */
export function readEvent(event: string, payload: { action: string | null; body: unknown }): GithubEvent | null {
  const name = `${event} ${payload.action ?? ''}`;
  return Object.hasOwn(readers, name) ? (readers[name]?.(payload.body) ?? null) : null;
}
