import { mintToken, type TokenRules } from '../credentials.ts';
import {
  type Answer,
  type Call,
  callingApp,
  type Fields,
  notFound,
  page,
  Refusal,
  type RouteRule,
} from '../exchange.ts';
import { iso } from '../shapes/account.ts';
import { app, installation, repositoriesOf } from '../shapes/app.ts';
import { repository } from '../shapes/repository.ts';
import { type Installation, installationOf, type Level, type Permissions } from '../state.ts';

const rank: Record<Level, number> = { read: 1, write: 2, admin: 3 };

/** What an App asks about itself and its installations. */
export function appRoutes(rules: TokenRules): RouteRule[] {
  const mine = (call: Call): Installation[] =>
    [...call.state.installations.values()].filter((one) => one.app === callingApp(call));
  const named = (call: Call): Installation => {
    const found = mine(call).find(({ id }) => String(id) === call.params.installation_id);
    if (!found) throw notFound();
    return found;
  };

  return [
    { route: 'GET /app', caller: 'app', handle: (call) => ok(app(call.hosts, callingApp(call))) },
    {
      route: 'GET /app/installations',
      caller: 'app',
      handle(call) {
        const { items, headers } = page(call, '/app/installations', mine(call));
        return { ...ok(items.map((one) => installation(call.hosts, one))), headers };
      },
    },
    {
      route: 'GET /app/installations/{installation_id}',
      caller: 'app',
      handle: (call) => ok(installation(call.hosts, named(call))),
    },
    {
      route: 'GET /repos/{owner}/{repo}/installation',
      caller: 'app',
      handle(call) {
        const found = installationOf(call.state, callingApp(call), call.repository);
        if (!found) throw notFound();
        return ok(installation(call.hosts, found));
      },
    },
    {
      route: 'POST /app/installations/{installation_id}/access_tokens',
      caller: 'app',
      handle: (call) => accessToken(call, named(call), rules),
    },
    {
      route: 'GET /installation/repositories',
      caller: 'installation',
      handle(call) {
        if (call.caller.kind !== 'installation') throw notFound();
        const { token } = call.caller;
        const all = repositoriesOf(call.state, token.installation).filter(
          ({ id }) => token.repositoryIds?.includes(id) ?? true,
        );
        const { items, headers } = page(call, '/installation/repositories', all);
        const repositories = items.map((one) => repository(call.hosts, one));
        return {
          ...ok({ total_count: all.length, repository_selection: token.installation.selection, repositories }),
          headers,
        };
      },
    },
    {
      route: 'GET /rate_limit',
      caller: 'installation',
      handle(call) {
        const rate = { limit: 5_000, used: 0, remaining: 5_000, reset: Math.ceil(call.now() / 1_000) + 3_600 };
        return ok({ resources: { core: rate, search: { ...rate, limit: 30, remaining: 30 } }, rate });
      },
    },
  ];
}

const ok = (body: unknown): Answer => ({ status: 200, body });

function accessToken(call: Call, one: Installation, rules: TokenRules): Answer {
  if (one.suspendedAt !== null) throw new Refusal(403, 'This installation has been suspended');
  const { body } = call;
  const permissions = (body.permissions as Permissions | undefined) ?? one.permissions;
  for (const [name, level] of Object.entries(permissions)) {
    const granted = one.permissions[name];
    if (!granted || rank[granted] < rank[level]) {
      throw new Refusal(422, 'The permissions requested are not granted to this installation.');
    }
  }
  const repositoryIds = wantedRepositories(call, one, body);
  const { token, expiresAt } = mintToken(call.state, one, { permissions, repositoryIds }, call.now(), rules);
  const chosen = repositoriesOf(call.state, one).filter(({ id }) => repositoryIds?.includes(id));
  return {
    status: 201,
    body: {
      token,
      expires_at: iso(expiresAt),
      permissions,
      repository_selection: repositoryIds === null ? one.selection : 'selected',
      ...(repositoryIds === null ? {} : { repositories: chosen.map((repo) => repository(call.hosts, repo)) }),
    },
  };
}

/** Ids of the repositories a token is wanted for; null: all of the installation. */
function wantedRepositories(call: Call, one: Installation, { repositories, repository_ids }: Fields): number[] | null {
  const names = repositories as string[] | undefined;
  const ids = repository_ids as number[] | undefined;
  if (names === undefined && ids === undefined) return null;
  const covered = repositoriesOf(call.state, one);
  const chosen = covered.filter(({ id, name }) => ids?.includes(id) || names?.includes(name));
  if (chosen.length < new Set(ids).size + new Set(names).size) {
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  return chosen.map(({ id }) => id);
}
