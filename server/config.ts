import { dirname, join } from 'node:path';
import { minApiKeyLength } from './domain/api-key.ts';
import { defaultPolicy, type Policy, policyLimits, policyOf } from './domain/policy.ts';
import { defaultPace, type PublishPace } from './domain/publish-pace.ts';

/** What a server is started with. */
export interface ServerSettings {
  host: string;
  /** 0: any free one. */
  port: number;
  /** `postgres://…`, or the path of a SQLite file. */
  database: string;
  blobFolder: string;
  /** Where people reach the server, without a trailing slash; null: where it listens. */
  publicUrl: string | null;
  /** An admin key made known at the start. */
  bootstrapKey: string | null;
  leaseMs: number;
  logLevel: LogLevel;
  policy: Policy;
  github: GithubSettings | null;
  publishPace: PublishPace;
  /** 32 bytes that secrets are sealed with; null: a key file beside a SQLite database, none with Postgres. */
  secretKey: Uint8Array | null;
  oidc: OidcSettings;
}

export interface OidcSettings {
  /** Whose tokens are taken. */
  issuers: string[];
  /** What tokens for this server must name; null: its public URL. */
  audience: string | null;
}

/** Read and checked, for the parts that are to talk to GitHub. */
export interface GithubSettings {
  appId: number;
  /** PEM, or the path of a file with it. */
  privateKey: string;
  webhookSecrets: string[];
  apiUrl: string;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The flags of `qgjob serve`, as they were typed; each wins over its variable. */
export interface ServeFlags {
  port?: string | undefined;
  host?: string | undefined;
  database?: string | undefined;
  blobs?: string | undefined;
  publicUrl?: string | undefined;
  logLevel?: string | undefined;
}

/** A setting is not what it may be; the message names it and says what is allowed. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

type Env = Readonly<Record<string, string | undefined>>;

/** The settings of a server. This is the only reader of the environment. @throws SettingError */
export function readSettings(env: Env, flags: ServeFlags = {}): ServerSettings {
  const text = (name: string) => env[name]?.trim() || undefined;
  const either = (flag: string, value: string | undefined, name: string): Setting =>
    value === undefined ? { name, value: text(name) } : { name: flag, value };
  const only = (name: string): Setting => ({ name, value: text(name) });

  const database = readDatabase(either('--database', flags.database, 'QGJOB_DATABASE_URL'));
  refuseQueue(only('QGJOB_QUEUE_URL'));
  return {
    host: either('--host', flags.host, 'HOST').value ?? '127.0.0.1',
    port: readNumber(either('--port', flags.port, 'PORT'), { min: 0, max: 65_535, otherwise: 8080 }),
    database,
    blobFolder: readBlobFolder(either('--blobs', flags.blobs, 'QGJOB_BLOB_URL'), database),
    publicUrl: readUrl(either('--public-url', flags.publicUrl, 'QGJOB_PUBLIC_URL')) ?? null,
    bootstrapKey: readBootstrapKey(only('QGJOB_BOOTSTRAP_KEY')),
    leaseMs: readNumber(only('QGJOB_LEASE_SECONDS'), { min: 1, max: 3600, otherwise: 30 }) * 1000,
    logLevel: readLogLevel(either('--log-level', flags.logLevel, 'LOG_LEVEL')),
    policy: readPolicy(only),
    github: readGithub(only),
    publishPace: defaultPace,
    secretKey: readSecretKey(only('QGJOB_SECRET_KEY')),
    oidc: {
      issuers: readIssuers(only('QGJOB_OIDC_ISSUERS')),
      audience: readAudience(only('QGJOB_OIDC_AUDIENCE')),
    },
  };
}

interface Setting {
  name: string;
  value: string | undefined;
}

function refused({ name, value }: Setting, allowed: string): SettingError {
  return new SettingError(`${name} is "${value}". Allowed: ${allowed}.`);
}

function readNumber(
  setting: Setting,
  { min, max, otherwise }: { min: number; max: number; otherwise: number },
): number {
  if (setting.value === undefined) return otherwise;
  const number = /^\d{1,9}$/.test(setting.value) ? Number(setting.value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw refused(setting, `a whole number from ${min} to ${max}`);
}

function readUrl(setting: Setting): string | undefined {
  if (setting.value === undefined) return undefined;
  const url = URL.parse(setting.value);
  if (url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '') {
    return url.href.replace(/\/+$/, '');
  }
  throw refused(setting, 'an address that begins with http:// or https://, without query or credentials');
}

function readDatabase(setting: Setting): string {
  const { value = join('.qgjob', 'qgjob.db') } = setting;
  const scheme = schemeOf(value);
  if (scheme === undefined || scheme === 'postgres' || scheme === 'postgresql') return value;
  // not the value: it may hold a password
  throw new SettingError(`${setting.name} begins with ${scheme}://. Allowed: the path of a file, or postgres://….`);
}

function readBlobFolder(setting: Setting, database: string): string {
  const { value } = setting;
  if (value === undefined) return join(schemeOf(database) === undefined ? dirname(database) : '.qgjob', 'blobs');
  const scheme = schemeOf(value);
  if (scheme === undefined) return value;
  throw new SettingError(
    `${setting.name} begins with ${scheme}://. Allowed: the path of a folder; no other store is built yet.`,
  );
}

function refuseQueue({ name, value }: Setting): void {
  if (value === undefined) return;
  throw new SettingError(`${name} is set. Leave it out: the queue is in the database; no other is built yet.`);
}

function readBootstrapKey({ name, value }: Setting): string | null {
  if (value === undefined) return null;
  if (/^[\x21-\x7e]{1,256}$/.test(value) && value.length >= minApiKeyLength) return value;
  throw new SettingError(
    `${name} cannot be used. Allowed: ${minApiKeyLength} to 256 visible ASCII characters without spaces.`,
  );
}

function readLogLevel(setting: Setting): LogLevel {
  const level = logLevels.find((known) => known === (setting.value ?? 'info'));
  if (level) return level;
  throw refused(setting, logLevels.join(', '));
}

function readPolicy(only: (name: string) => Setting): Policy {
  const price = only('QGJOB_INSTALL_PRICE');
  const minutes = only('QGJOB_OVERDUE_MINUTES');
  return policyOf({
    installPrice: readNumber(price, { ...policyLimits.installPrice, otherwise: defaultPolicy.installPrice }),
    overdueMinutes: readNumber(minutes, {
      ...policyLimits.overdueMinutes,
      otherwise: defaultPolicy.overdueMs / 60_000,
    }),
  });
}

function readGithub(only: (name: string) => Setting): GithubSettings | null {
  const id = only('GITHUB_APP_ID');
  const key = only('GITHUB_APP_PRIVATE_KEY');
  const secret = only('GITHUB_WEBHOOK_SECRET');
  const settings = [id, key, secret];
  const missing = settings.filter(({ value }) => value === undefined);
  if (missing.length === settings.length) return null;
  if (missing.length > 0 || key.value === undefined || secret.value === undefined) {
    const names = missing.map(({ name }) => name).join(' and ');
    throw new SettingError(
      `${names} missing: a GitHub App needs ${settings.map(({ name }) => name).join(', ')}, all or none.`,
    );
  }
  const webhookSecrets = listOf(secret.value);
  if (webhookSecrets.length > 2)
    throw new SettingError(`${secret.name}: one secret, or two, comma-separated, while rotating.`);
  return {
    appId: readNumber(id, { min: 1, max: 999_999_999, otherwise: 0 }),
    privateKey: key.value,
    webhookSecrets,
    apiUrl: readUrl(only('GITHUB_API_URL')) ?? 'https://api.github.com',
  };
}

function readSecretKey({ name, value }: Setting): Uint8Array | null {
  if (value === undefined) return null;
  if (/^[0-9a-f]{64}$/i.test(value)) return Buffer.from(value, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(value)) return Buffer.from(value, 'base64');
  // not the value: it may be a key with one letter wrong
  throw new SettingError(
    `${name} cannot be used. Allowed: 32 random bytes as 64 hexadecimal digits or as base64, such as \`openssl rand -hex 32\` prints.`,
  );
}

function readIssuers({ name, value = 'https://token.actions.githubusercontent.com' }: Setting): string[] {
  return listOf(value).map((issuer) => {
    const setting = { name, value: issuer };
    const url = new URL(readUrl(setting) ?? issuer);
    if (url.protocol === 'https:' || isLoopback(url.hostname)) return url.href.replace(/\/+$/, '');
    throw refused(setting, 'addresses that begin with https://, comma-separated; http:// on loopback only');
  });
}

function readAudience(setting: Setting): string | null {
  const { value } = setting;
  if (value === undefined) return null;
  // what GitHub writes when nobody asks for an audience: any workflow's token for anything would be good here
  const isGithubs = /^https?:\/\/([^/]+\.)?(github\.com|ghe\.com)([/:]|$)/i.test(value);
  if (!isGithubs && /^[\x21-\x7e]{1,255}$/.test(value)) return value;
  throw refused(setting, "up to 255 visible ASCII characters, such as this server's address; not an address of GitHub");
}

/** Whether nobody but this machine can mean this host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function schemeOf(value: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
