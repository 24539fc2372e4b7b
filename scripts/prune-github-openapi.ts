/**
 * Makes test/support/github/description/{rest,webhooks}.json: GitHub's own descriptions of its REST API and of its webhooks, cut down
 * to what the test bed serves and sends. The originals are 100 MB and more, so they are fetched from the npm registry into a
 * temporary folder and never installed. Run by hand when a route or an event is added: `node scripts/prune-github-openapi.ts`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar';
import { array, type Json, type JsonObject, object, type Pruning, startPruning } from './github-openapi/pruning.ts';

const rest = { name: '@octokit/openapi', version: '23.0.2' };
const webhooks = { name: '@octokit/openapi-webhooks', version: '12.1.0' };
const described = new URL('../test/support/github/description/', import.meta.url).pathname;

const routes = [
  'GET /app',
  'GET /app/installations',
  'GET /app/installations/{installation_id}',
  'POST /app/installations/{installation_id}/access_tokens',
  'GET /app/hook/config',
  'PATCH /app/hook/config',
  'GET /app/hook/deliveries',
  'GET /app/hook/deliveries/{delivery_id}',
  'POST /app/hook/deliveries/{delivery_id}/attempts',
  'POST /app-manifests/{code}/conversions',
  'GET /installation/repositories',
  'GET /rate_limit',
  'GET /repos/{owner}/{repo}',
  'GET /repos/{owner}/{repo}/installation',
  'POST /repos/{owner}/{repo}/check-runs',
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations',
  'POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest',
  'GET /repos/{owner}/{repo}/check-suites/{check_suite_id}',
  'GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs',
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
  'GET /repos/{owner}/{repo}/pulls',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}',
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}',
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
];

const events = [
  'check-run-created',
  'check-run-completed',
  'check-run-requested-action',
  'check-run-rerequested',
  'check-suite-completed',
  'check-suite-requested',
  'check-suite-rerequested',
  'installation-created',
  'installation-deleted',
  'installation-suspend',
  'installation-unsuspend',
  'installation-repositories-added',
  'installation-repositories-removed',
  'issue-comment-created',
  'merge-group-checks-requested',
  'ping',
  'pull-request-opened',
  'pull-request-synchronize',
  'pull-request-closed',
  'pull-request-reopened',
  'workflow-run-requested',
  'workflow-run-completed',
];

/** Answers that @octokit/openapi gets wrong: here it wants every account to be a user and an enterprise at once. */
const mended: Record<string, Json> = {
  'GET /app/installations': { type: 'array', items: { $ref: '#/components/schemas/installation' } },
};

const folder = mkdtempSync(join(tmpdir(), 'github-openapi-'));
try {
  const api = await fetchDescription(rest);
  const paths = object(api.paths);
  write('rest', rest, api, (one) => routes.map((route) => [route, operation(one, paths, route)]));
  const hooks = await fetchDescription(webhooks);
  const all = object(hooks.webhooks);
  write('webhooks', webhooks, hooks, (one) =>
    events.map((event) => [event, one.schema(bodySchema(one, object(object(all[event]).post).requestBody))]),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function fetchDescription({ name, version }: typeof rest): Promise<JsonObject> {
  const flags = ['pack', `${name}@${version}`, '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', flags, { encoding: 'utf8' })) as { filename: string }[];
  const file = 'package/generated/api.github.com.json';
  await extract({ file: join(folder, packed?.filename ?? ''), cwd: folder }, [file]);
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonObject;
}

/** What the guard needs of one route: parameters, body, and the schema of each answer (null: an answer without a body). */
function operation(one: Pruning, paths: JsonObject, route: string): JsonObject {
  const [method = '', path = ''] = route.split(' ');
  const found = object(object(paths[path])[method.toLowerCase()]);
  const parameters = array(found.parameters ?? []).map((parameter) => {
    const { name = null, in: place = null, required = false, schema } = object(one.resolve(parameter));
    return { name, in: place, required, schema: one.schema(schema ?? {}) };
  });
  const body = found.requestBody === undefined ? null : one.closed(bodySchema(one, found.requestBody) ?? {});
  const answers = Object.entries(object(found.responses)).map(([status, answer]) => {
    const schema = (status === '200' ? mended[route] : undefined) ?? bodySchema(one, answer);
    return [status, schema === null ? null : one.schema(schema)] as const;
  });
  return { parameters, body, answers: Object.fromEntries(answers) };
}

/** The schema of a JSON body; null when there is none. */
function bodySchema(one: Pruning, body: Json | undefined): Json {
  const { content } = object(one.resolve(body));
  return content === undefined ? null : (object(object(content)['application/json'] ?? {}).schema ?? null);
}

function write(
  id: string,
  source: typeof rest,
  root: JsonObject,
  parts: (one: Pruning) => (readonly [string, Json])[],
): void {
  const one = startPruning(id, root);
  const pruned = Object.fromEntries(parts(one));
  const text = JSON.stringify({
    source: `${source.name}@${source.version}, MIT`,
    parts: pruned,
    $id: id,
    definitions: one.definitions,
  });
  writeFileSync(join(described, `${id}.json`), `${text}\n`);
  console.log(`${id}.json: ${Math.round(text.length / 1024)} KB`);
}
