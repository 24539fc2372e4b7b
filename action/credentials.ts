import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../client/exit-codes.ts';
import { isPassing } from '../client/follow.ts';
import { plainLine } from '../client/plain-text.ts';
import { UserError } from '../client/user-error.ts';
import { type Client, createClient } from '../contract/client.ts';
import type { Inputs } from './inputs.ts';
import type { Env } from './untrusted.ts';

/** What of the runner's toolkit is needed to be somebody. */
export interface Identity {
  /** A token of GitHub's that says which workflow this is, for the given audience. */
  getIDToken(audience: string): Promise<string>;
  /** Has the runner replace a text by *** in the log. */
  setSecret(secret: string): void;
}

/** Makes a client of the server that this workflow may use. */
export type Connect = (fetching?: typeof fetch) => Client;

/** Another token is fetched this long before one ends, ms: longer than any single request takes but an upload. */
const renewAheadMs = 5 * 60_000;
/** A server that restarts or is moved is given about 40 s to come back. */
const patientRetries = 20;
const userAgent = 'qgjob-action';

/**
 * Connects by API key, or by the workflow's own identity: then every request carries a session token, which is fetched when
 * first needed and again before it ends, however long the run takes.
 */
export function connectAs({ serverUrl, apiKey, orgId, fallback }: Inputs, identity: Identity): Connect {
  const retries = fallback === 'local' ? 3 : patientRetries;
  const as = (key: string | (() => Promise<string>)): Connect => {
    return (fetching = fetch) => createClient({ serverUrl, apiKey: key, userAgent, retries, fetch: fetching });
  };
  if (apiKey) {
    identity.setSecret(apiKey);
    return as(apiKey);
  }
  let session: Promise<{ token: string; renewAt: number }> | undefined;
  return as(async () => {
    const held = await session;
    if (held && Date.now() < held.renewAt) return held.token;
    session = exchange(serverUrl, orgId ?? '', identity, retries);
    // a failed exchange is no answer to keep
    session.catch(() => {
      session = undefined;
    });
    return (await session).token;
  });
}

async function exchange(serverUrl: string, orgId: string, identity: Identity, retries: number) {
  const client = createClient({ serverUrl, userAgent, retries });
  const { audience } = (await client.describeOidc()).body;
  mustBeItsOwn(audience, serverUrl);
  for (let tries = 0; ; tries++) {
    // a new one for each try: the server takes each once, also when its answer was lost
    const idToken = await identity.getIDToken(audience).catch(noToken);
    identity.setSecret(idToken);
    try {
      const { body } = await client.exchangeOidc({ body: { token: idToken, org_id: orgId } });
      identity.setSecret(body.token);
      return { token: body.token, renewAt: Date.parse(body.expires_at) - renewAheadMs };
    } catch (error) {
      if (!isPassing(error) || tries >= retries) throw error;
      await sleep(Math.min(500 * 2 ** tries, 5000));
    }
  }
}

function noToken(cause: unknown): never {
  const why = plainLine(cause instanceof Error ? cause.message : String(cause));
  throw new UserError(`GitHub gave no identity token: ${why}`, exitCodes.unreachable, [
    'See githubstatus.com, and run the job again.',
  ]);
}

/** A server must not get tokens that are good elsewhere, at a cloud provider or another qgjob server. */
function mustBeItsOwn(audience: string, serverUrl: string): void {
  if (URL.parse(audience)?.origin === new URL(serverUrl).origin || /^qgjob(?![A-Za-z0-9])/.test(audience)) return;
  throw new UserError(
    `The server asks for an identity token for ${JSON.stringify(audience)}, which is not its own address.`,
    exitCodes.notAuthorised,
    [
      `Have its operator set QGJOB_PUBLIC_URL to ${serverUrl}, or QGJOB_OIDC_AUDIENCE to a name that begins with qgjob-.`,
    ],
  );
}

/** What to do where neither a key nor an identity is given. */
export function missingIdentity(orgId: string | undefined, env: Env): UserError {
  const repository = env.GITHUB_REPOSITORY_ID ? ` --repository-id=${env.GITHUB_REPOSITORY_ID}` : '';
  const owner = env.GITHUB_REPOSITORY_OWNER_ID ? ` --owner-id=${env.GITHUB_REPOSITORY_OWNER_ID}` : '';
  return new UserError(
    'This job may not ask GitHub for an identity token, and the input api-key is empty.',
    exitCodes.notAuthorised,
    [
      'Add to the job, or to the whole workflow:',
      '',
      '    permissions:',
      '      contents: read',
      '      id-token: write',
      '',
      `and have an admin of ${orgId ?? 'the organisation'} trust this repository once:`,
      '',
      `    qgjob trust add --org-id=${orgId ?? 'ORG'}${repository}${owner} --role submit`,
    ],
  );
}
