import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { ByteStream } from '../../contract/route.ts';
import { DomainError } from '../domain/errors.ts';
import type { AppCredentials } from '../domain/github/app.ts';
import type { GithubEvent } from '../domain/github/event.ts';
import type { Deps } from '../usecases/deps.ts';
import { type Receipt, receiveDelivery } from '../usecases/receive-delivery.ts';
import { collect, maxWebhookBytes } from './read-body.ts';
import { readEvent } from './webhook-events.ts';

/** What is known of an App of ours where its webhooks come in. */
export type WebhookApp = Pick<AppCredentials, 'host' | 'appId' | 'webhookSecrets'>;

/** The GitHub Apps of this server, as they are at this moment. */
export type LoadWebhookApps = () => Promise<readonly WebhookApp[]> | readonly WebhookApp[];

export interface WebhookHeaders {
  'content-type'?: string | undefined;
  'x-github-delivery'?: string | undefined;
  'x-github-event'?: string | undefined;
  'x-github-enterprise-host'?: string | undefined;
  'x-github-hook-installation-target-id'?: string | undefined;
  'x-hub-signature-256'?: string | undefined;
}

/**
 * Takes in a delivery of GitHub: proves that it is GitHub's before it looks into it, stores it and asks nobody anything.
 * @throws DomainError `not_available`, `unauthenticated`, `payload_too_large`, `unsupported_media_type`, `malformed_request`,
 * `malformed_json`
 */
export async function receiveWebhook(
  deps: Deps,
  loadApps: LoadWebhookApps,
  headers: WebhookHeaders,
  body: ByteStream,
): Promise<Receipt> {
  const apps = await loadApps();
  if (apps.length === 0) throw new DomainError('not_available', 'No GitHub App is configured on this server.');
  const candidates = candidatesFor(apps, headers);
  const signature = /^sha256=([0-9a-f]{64})$/.exec(headers['x-hub-signature-256'] ?? '')?.[1];
  if (signature === undefined || candidates.length === 0) throw notGithubs();
  const bytes = await collect(body, maxWebhookBytes);
  const app = candidates.find(({ webhookSecrets }) => isSignedBy(bytes, signature, webhookSecrets));
  if (!app) throw notGithubs();

  if (headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    const text = "Send JSON: set the content type of the App's webhook to application/json.";
    throw new DomainError('unsupported_media_type', text);
  }
  const guid = headers['x-github-delivery'] ?? '';
  const event = headers['x-github-event'] ?? '';
  if (!/^[0-9A-Za-z-]{1,64}$/.test(guid) || !/^[a-z_]{1,64}$/.test(event)) {
    throw new DomainError('malformed_request', 'X-GitHub-Delivery or X-GitHub-Event is missing or malformed.');
  }
  const payload = parse(bytes);
  const delivery = { host: app.host, guid, event, action: payload.action ?? null };
  const installationId = payload.installation?.id ?? null;
  return receiveDelivery(deps, { ...delivery, installationId, ...understand(event, payload) });
}

/** Two hosts may well use one number: then the signature decides. */
function candidatesFor(apps: readonly WebhookApp[], headers: WebhookHeaders): WebhookApp[] {
  const enterprise = headers['x-github-enterprise-host'];
  return apps
    .filter(({ appId }) => String(appId) === headers['x-github-hook-installation-target-id'])
    .filter(({ host }) => enterprise === undefined || host === enterprise.toLowerCase());
}

function isSignedBy(bytes: Buffer, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature, 'hex');
  return secrets.some((secret) => timingSafeEqual(createHmac('sha256', secret).update(bytes).digest(), given));
}

/** What is wrong is not told: whoever may know can look into GitHub's log of deliveries and the server's settings. */
function notGithubs(): DomainError {
  return new DomainError(
    'unauthenticated',
    'The delivery is not signed with the webhook secret of a GitHub App of this server. Compare the App id and the secret.',
  );
}

const Payload = z.looseObject({
  action: z.string().max(64).nullish(),
  installation: z.looseObject({ id: z.int().positive() }).nullish(),
});

function parse(bytes: Buffer): z.output<typeof Payload> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
    throw new DomainError('malformed_json', `The body is not JSON: ${why}`);
  }
  const payload = Payload.safeParse(value);
  if (payload.success) return payload.data;
  throw new DomainError('malformed_request', 'The body is not the payload of a webhook.');
}

/** A payload that cannot be understood is kept as failed, so that somebody sees it and it can be sent again. */
function understand(
  event: string,
  body: z.output<typeof Payload>,
): { payload: GithubEvent | null; misfit: string | null } {
  try {
    return { payload: readEvent(event, { action: body.action ?? null, body }), misfit: null };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const [first] = error.issues;
    return { payload: null, misfit: `The payload is not understood: ${first?.path.join('.')}: ${first?.message}` };
  }
}
