import { type Answer, type Call, callingApp, notFound, Refusal, type RouteRule } from '../exchange.ts';
import { iso } from '../shapes/account.ts';
import type { Delivery, Sender } from '../webhooks/sender.ts';

/** The App's webhook: its configuration, what was delivered, and delivering again. */
export function hookRoutes(sender: Sender): RouteRule[] {
  const mine = (call: Call): Delivery[] => sender.log.filter(({ app }) => app === callingApp(call)).reverse();
  const named = (call: Call): Delivery => {
    const found = mine(call).find(({ id }) => String(id) === call.params.delivery_id);
    if (!found) throw notFound();
    return found;
  };
  return [
    { route: 'GET /app/hook/config', caller: 'app', handle: config },
    {
      route: 'PATCH /app/hook/config',
      caller: 'app',
      handle(call) {
        const app = callingApp(call);
        if (call.body.url !== undefined) app.webhookUrl = String(call.body.url);
        if (call.body.secret !== undefined) app.webhookSecret = String(call.body.secret);
        return config(call);
      },
    },
    { route: 'GET /app/hook/deliveries', caller: 'app', handle: (call) => list(call, mine(call)) },
    {
      route: 'GET /app/hook/deliveries/{delivery_id}',
      caller: 'app',
      handle: (call) => ({ status: 200, body: whole(named(call)) }),
    },
    {
      route: 'POST /app/hook/deliveries/{delivery_id}/attempts',
      caller: 'app',
      handle(call) {
        const { id } = named(call);
        // GitHub answers first and delivers afterwards; a failure goes to the log
        setImmediate(() => void sender.redeliver(id));
        return { status: 202, body: {} };
      },
    },
  ];
}

function config(call: Call): Answer {
  const { webhookUrl } = callingApp(call);
  const url = webhookUrl === null ? {} : { url: webhookUrl };
  return { status: 200, body: { content_type: 'json', insecure_ssl: '0', secret: '********', ...url } };
}

/** Newest first; the cursor is the last delivery of the page before. */
function list({ query, hosts }: Call, all: Delivery[]): Answer {
  const size = Math.min(100, Number(query.get('per_page') ?? 30));
  const cursor = query.get('cursor');
  if (cursor !== null && !/^v1_\d+$/.test(cursor)) throw new Refusal(400, 'Invalid cursor');
  const status = query.get('status');
  const fits = all.filter(({ id, statusCode }) => {
    const failed = statusCode >= 400;
    return (cursor === null || id < Number(cursor.slice(3))) && (status === null || failed === (status === 'failure'));
  });
  const shown = fits.slice(0, size);
  const next = new URLSearchParams(query);
  next.set('cursor', `v1_${shown.at(-1)?.id}`);
  const headers: Record<string, string> =
    fits.length > size ? { link: `<${hosts.api}/app/hook/deliveries?${next}>; rel="next"` } : {};
  return { status: 200, body: shown.map(brief), headers };
}

function brief(one: Delivery) {
  return {
    id: one.id,
    guid: one.guid,
    delivered_at: iso(one.deliveredAt),
    redelivery: one.redelivery,
    duration: Math.round(one.durationMs) / 1_000,
    status: one.status,
    status_code: one.statusCode,
    event: one.webhook.event,
    action: one.webhook.action,
    installation_id: one.webhook.installationId,
    repository_id: one.webhook.repositoryId,
    throttled_at: null,
  };
}

function whole(one: Delivery) {
  return {
    ...brief(one),
    ...(one.app.webhookUrl === null ? {} : { url: one.app.webhookUrl }),
    request: { headers: one.requestHeaders, payload: one.webhook.payload },
    response: { headers: one.responseHeaders, payload: one.response },
  };
}
