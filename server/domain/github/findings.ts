import type { GithubFinding } from '../../../contract/github.ts';
import { wantedEvents, wantedPermissions, webhookPath } from './app.ts';
import { isPrivateAddress, setupPath } from './app-manifest.ts';

/** What was found out about one App; null where it could not be asked. */
export interface AppFacts {
  host: string;
  webUrl: string;
  from: 'settings' | 'setup';
  /** Why its secrets cannot be read; null when they can. */
  unreadable: string | null;
  /** What GitHub said to the first question; null when it answered. Status 0: nothing came back. */
  refusal: { status: number; message: string } | null;
  description: {
    slug: string;
    permissions: Record<string, string>;
    events: string[];
    webhookUrl: string | null;
    clockSkewMs: number;
  } | null;
  /** Newest first. */
  deliveries: { guid: string; deliveredAt: number; isSuccess: boolean }[] | null;
  installations: { account: string; suspended: boolean; selection: 'all' | 'selected' }[] | null;
  /** The repository that was asked about, and the installation there. */
  repository: { name: string; installation: { suspended: boolean } | null } | null;
}

type Finding = Omit<GithubFinding, 'host'>;

/** GitHub refuses an App's token that is a minute from the future; up to there nothing is wrong. */
const harmlessSkewMs = 30_000;

/** Of an older GitHub Enterprise Server's App: without them merge queues are not served, all else is. */
const optional = { permission: 'merge_queues', event: 'merge_group' };

/** What is well and what is not, each with what to do about it. */
export function githubFindings(apps: readonly AppFacts[], publicUrl: string): GithubFinding[] {
  const none = apps.length === 0;
  const isHosted = apps.some(({ host }) => host === 'github.com' || host.endsWith('.ghe.com'));
  return [
    ...(none ? [{ host: null, ...noApp(publicUrl) }] : []),
    { host: null, ...reachable(publicUrl, none || isHosted) },
    ...apps.flatMap((app) => findingsOf(app, publicUrl).map((finding) => ({ host: app.host, ...finding }))),
  ];
}

/** Where an account installs an App. */
export function installUrlOf(webUrl: string, host: string, slug: string): string {
  // a GitHub Enterprise Server keeps its Apps elsewhere
  const isHosted = host === 'github.com' || host.endsWith('.ghe.com');
  return `${webUrl}/${isHosted ? 'apps' : 'github-apps'}/${slug}/installations/new`;
}

function findingsOf(app: AppFacts, publicUrl: string): Finding[] {
  const { description, unreadable } = app;
  if (unreadable !== null) return [bad('secrets', "The App's secrets cannot be read.", unreadable)];
  const secrets = good('secrets', `private key and webhook secret are set, from ${sourceOf(app)}`);
  if (description === null) return [secrets, keyRefused(app)];
  return [
    secrets,
    good('key', `${app.host} knows the key as that of ${description.slug}`),
    clock(description.clockSkewMs),
    permissions(app, description),
    events(app, description),
    webhookUrl(app, description, publicUrl),
    ...deliveries(app),
    ...installations(app, description.slug),
    ...inRepository(app, description.slug),
  ];
}

function noApp(publicUrl: string): Finding {
  return bad(
    'app',
    'No GitHub App is registered: results are not posted as check runs.',
    `Open ${publicUrl}${setupPath} in a browser, with the operator's key as the password.`,
  );
}

function reachable(publicUrl: string, mustBe: boolean): Finding {
  if (!isPrivateAddress(publicUrl)) return good('public_url', `${publicUrl} can be an address that GitHub reaches`);
  const detail = `${publicUrl} is an address of this machine or its network alone`;
  if (!mustBe) return good('public_url', `${detail}, where GitHub is too`);
  return bad(
    'public_url',
    `${detail}.`,
    'Set QGJOB_PUBLIC_URL to the https address under which GitHub reaches this server.',
  );
}

function keyRefused({ host, refusal, from }: AppFacts): Finding {
  const status = refusal?.status ?? 0;
  const said = refusal?.message ?? 'it was not asked';
  if (status === 401 || status === 404) {
    const fix =
      from === 'settings'
        ? 'compare GITHUB_APP_ID with the App, make a new private key on its page, set GITHUB_APP_PRIVATE_KEY and restart'
        : `register it anew: qgjob github reset --host=${host}, then ${setupPath}`;
    return bad(
      'key',
      `${host} does not take the App's key (${said}).`,
      `If the App was deleted or its key revoked, ${fix}.`,
    );
  }
  return bad(
    'key',
    `${host} does not answer as it should (${said}).`,
    'Let this server reach the API of that GitHub (a proxy: NODE_USE_ENV_PROXY=1 and HTTPS_PROXY), and look at its status page.',
  );
}

function clock(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= harmlessSkewMs) return good('clock', `within ${Math.max(1, seconds)} s of GitHub's`);
  const way = skewMs > 0 ? 'behind' : 'ahead of';
  return bad(
    'clock',
    `The server's clock is ${seconds} s ${way} GitHub's.`,
    'Set it by NTP: GitHub refuses tokens from the future.',
  );
}

function permissions({ host }: AppFacts, { permissions: has, slug }: NonNullable<AppFacts['description']>): Finding {
  const missing = Object.entries(wantedPermissions).filter(([name, level]) => {
    return name !== optional.permission && !(has[name] === level || has[name] === 'write' || has[name] === 'admin');
  });
  if (missing.length === 0) {
    const without = has[optional.permission] === undefined ? '; without merge_queues, so no merge queue' : '';
    return good('permissions', `all that are needed${without}`);
  }
  const names = missing.map(([name, level]) => `${name}: ${level}`).join(', ');
  return bad(
    'permissions',
    `The App ${slug} lacks ${names}.`,
    `Add them under Permissions & events of the App on ${host}; each account that has installed it is then asked to accept.`,
  );
}

function events({ host }: AppFacts, { events: has, slug }: NonNullable<AppFacts['description']>): Finding {
  const missing = wantedEvents.filter((event) => event !== optional.event && !has.includes(event));
  if (missing.length === 0) return good('events', 'all that are needed');
  return bad(
    'events',
    `The App ${slug} is not told of ${missing.join(', ')}.`,
    `Subscribe to them under Permissions & events of the App on ${host}.`,
  );
}

function webhookUrl({ host }: AppFacts, description: NonNullable<AppFacts['description']>, publicUrl: string): Finding {
  const ours = publicUrl + webhookPath;
  if (description.webhookUrl === ours) return good('webhook_url', ours);
  return bad(
    'webhook_url',
    `${host} sends webhooks to ${description.webhookUrl ?? 'nowhere'}, not to ${ours}.`,
    `Correct the webhook URL in the App's settings on ${host}, or QGJOB_PUBLIC_URL here.`,
  );
}

function deliveries({ host, deliveries: all }: AppFacts): Finding[] {
  if (all === null) return [];
  const [last] = all;
  if (!last) return [good('deliveries', `${host} has sent none yet`)];
  const arrived = new Set(all.filter((one) => one.isSuccess).map(({ guid }) => guid));
  const lost = new Set(all.map(({ guid }) => guid).filter((guid) => !arrived.has(guid)));
  const at = new Date(last.deliveredAt).toISOString();
  if (lost.size === 0) return [good('deliveries', `the last ${arrived.size} arrived, the latest at ${at}`)];
  const detail = `${lost.size} of the last ${lost.size + arrived.size} did not arrive, the latest ${arrived.has(last.guid) ? 'did' : 'did not'} (${at}).`;
  return [
    bad(
      'deliveries',
      detail,
      `Look at Advanced, Recent deliveries of the App on ${host}: 401 is a wrong webhook secret, a timeout an address it cannot reach. The server asks for what it missed by itself.`,
    ),
  ];
}

function installations({ host, webUrl, installations: all }: AppFacts, slug: string): Finding[] {
  if (all === null) return [];
  const install = installUrlOf(webUrl, host, slug);
  if (all.length === 0) return [bad('installations', 'No account has installed the App.', `Install it: ${install}`)];
  const texts = all.map(({ account, selection, suspended }) => {
    return `${account} (${selection === 'all' ? 'all repositories' : 'some repositories'}${suspended ? ', suspended' : ''})`;
  });
  const detail = `installed by ${texts.join(', ')}`;
  if (all.some(({ suspended }) => !suspended)) return [good('installations', detail)];
  return [bad('installations', detail, `Unsuspend it in the account's settings on ${host}, Installed GitHub Apps.`)];
}

function inRepository({ host, webUrl, repository }: AppFacts, slug: string): Finding[] {
  if (repository === null) return [];
  const { name, installation } = repository;
  if (installation && !installation.suspended) return [good('installations', `installed on ${name}`)];
  if (installation)
    return [bad('installations', `suspended on ${name}`, `Unsuspend it in the account's settings on ${host}.`)];
  return [bad('installations', `Not installed on ${name}.`, `Install it there: ${installUrlOf(webUrl, host, slug)}`)];
}

function sourceOf({ from }: AppFacts): string {
  return from === 'settings' ? "the server's settings" : setupPath;
}

function good(check: Finding['check'], detail: string): Finding {
  return { check, ok: true, detail, advice: null };
}

function bad(check: Finding['check'], detail: string, advice: string): Finding {
  return { check, ok: false, detail, advice };
}
