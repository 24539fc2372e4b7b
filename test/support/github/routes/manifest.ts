import { randomBytes } from 'node:crypto';
import { notFound, type RouteRule } from '../exchange.ts';
import { type KeyPair, makeKeyPair } from '../key-pair.ts';
import { app } from '../shapes/app.ts';
import type { App, Permissions, State } from '../state.ts';

const hourMs = 3_600_000;

/** What GitHub reads in a manifest; https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest */
interface Manifest {
  name?: string;
  url: string;
  hook_attributes?: { url: string; active?: boolean };
  redirect_url?: string;
  default_permissions?: Permissions;
  default_events?: string[];
}

const known = [
  'name',
  'url',
  'hook_attributes',
  'redirect_url',
  'callback_urls',
  'setup_url',
  'description',
  'public',
  'default_events',
  'default_permissions',
  'request_oauth_on_install',
  'setup_on_update',
];

/** The permissions an event needs, any of them. */
const needed: Record<string, string[]> = {
  check_run: ['checks'],
  check_suite: ['checks'],
  pull_request: ['pull_requests'],
  workflow_run: ['actions'],
  merge_group: ['merge_queues'],
  issue_comment: ['issues', 'pull_requests'],
};

export interface ManifestFlow {
  /**
   * Somebody sends the form of a setup page to `/settings/apps/new` and agrees to all it shows.
   * @returns where GitHub sends the browser, or what it objects to
   */
  submit(
    manifestText: string,
    owner: string | undefined,
    stateParameter: string | null,
  ): { location: string } | { error: string };
  routes: RouteRule[];
}

export function createManifestFlow(state: State, now: () => number): ManifestFlow {
  const pending = new Map<string, { manifest: Manifest; owner: string | undefined; at: number }>();
  return {
    submit(manifestText, owner, stateParameter) {
      const manifest = readManifest(manifestText);
      const error = typeof manifest === 'string' ? manifest : objection(manifest);
      if (typeof manifest === 'string' || error !== undefined) return { error: error ?? '' };
      const code = randomBytes(20).toString('hex');
      pending.set(code, { manifest, owner, at: now() });
      const location = new URL(manifest.redirect_url ?? manifest.url);
      location.searchParams.set('code', code);
      if (stateParameter !== null) location.searchParams.set('state', stateParameter);
      return { location: location.href };
    },
    routes: [
      {
        route: 'POST /app-manifests/{code}/conversions',
        caller: 'nobody',
        async handle({ params, hosts }) {
          const code = params.code ?? '';
          const found = pending.get(code);
          pending.delete(code); // once only
          if (!found || now() > found.at + hourMs) throw notFound();
          const keys = await makeKeyPair();
          const registered = register(state, found.manifest, found.owner, keys, now());
          const secrets = { client_secret: randomBytes(20).toString('hex'), webhook_secret: registered.webhookSecret };
          return { status: 201, body: { ...app(hosts, registered), ...secrets, pem: keys.privateKey } };
        },
      },
    ],
  };
}

function readManifest(text: string): Manifest | string {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return 'The manifest is no JSON';
  }
}

function objection(manifest: Manifest): string | undefined {
  const unknown = Object.keys(manifest).filter((key) => !known.includes(key));
  if (unknown.length > 0) return `Unknown properties: ${unknown.join(', ')}`;
  const urls = [manifest.url, manifest.redirect_url ?? manifest.url, manifest.hook_attributes?.url ?? manifest.url];
  if (!urls.every((url) => URL.canParse(url) && /^https?:/.test(url))) return 'A URL is missing or is none';
  const permissions = manifest.default_permissions ?? {};
  if (!Object.values(permissions).every((level) => ['read', 'write', 'admin'].includes(level)))
    return 'Default permission records are invalid';
  const unsupported = (manifest.default_events ?? []).filter(
    (event) => !(needed[event] ?? []).some((name) => name in permissions),
  );
  return unsupported.length > 0 ? `Default events unsupported: ${unsupported.join(', ')}` : undefined;
}

function register(state: State, manifest: Manifest, owner: string | undefined, keys: KeyPair, at: number): App {
  const id = state.nextId();
  const name = manifest.name ?? `app-${id}`;
  const [account] = owner === undefined ? state.accounts.values() : [state.accounts.get(owner)];
  if (!account) throw notFound();
  const app: App = {
    id,
    clientId: `Iv23li${id}`,
    slug: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    name,
    owner: account,
    publicKeys: [keys.publicKey],
    webhookSecret: randomBytes(20).toString('hex'),
    webhookUrl: manifest.hook_attributes?.url ?? null,
    permissions: { metadata: 'read', ...manifest.default_permissions },
    events: manifest.default_events ?? [],
    createdAt: at,
  };
  state.apps.set(id, app);
  return app;
}
