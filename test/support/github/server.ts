import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, Refusal } from './exchange.ts';
import type { Fault, Faults } from './faults.ts';
import { createLimits } from './limits.ts';
import { isWrite, type RecordedRequest } from './recorder.ts';
import type { RestApi } from './rest-api.ts';
import type { ManifestFlow } from './routes/manifest.ts';

export interface Wire {
  api: RestApi;
  manifests: ManifestFlow;
  faults: Faults;
  /** Before the path of every REST route: `/api/v3` on a GitHub Enterprise Server, nothing on github.com. */
  prefix: string;
  requests: RecordedRequest[];
  /** How long every answer takes; without, requests that come together hardly ever overlap. */
  latencyMs: number;
  now(): number;
}

/** HTTP around the REST API: what is recorded, what goes wrong, and the page that registers an App. Not listening yet. */
export function createWire({ api, manifests, faults, prefix, requests, latencyMs, now }: Wire): Server {
  const limits = createLimits();
  const open = new Set<RecordedRequest>();

  const restRequest = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const body = await readText(request);
    const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : null;
    const asked = api.read(request.method ?? 'GET', path, url.searchParams, request.headers, body);
    const startedAt = now();
    const record: RecordedRequest = {
      method: asked.method,
      path: url.pathname + url.search,
      route: asked.route,
      installationId: asked.installationId,
      repository: asked.repository,
      body: asked.body,
      startedAt,
      endedAt: null,
      status: null,
      fault: null,
      writesAtOnce: 0,
      tooEarly: limits.isTooEarly(asked.installationId, startedAt),
    };
    requests.push(record);
    open.add(record);
    if (isWrite(record)) {
      const alike = [...open].filter((one) => isWrite(one) && one.installationId === record.installationId);
      record.writesAtOnce = alike.length;
    }
    const end = () => {
      record.endedAt ??= now();
      open.delete(record);
    };
    response.on('close', end);
    const fault = faults.take(asked.route ?? '');
    record.fault = fault?.kind ?? null;
    const answer = await withFault(fault, () => api.answer(asked), record);
    if (answer === 'hang') return;
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    end(); // before the caller can know, so that its next request does not seem to overlap
    if (answer === 'reset') {
      response.socket?.resetAndDestroy();
      return;
    }
    record.status = answer.status;
    respond(response, answer);
  };

  const withFault = async (
    fault: Fault | undefined,
    work: () => Promise<Answer>,
    { installationId }: RecordedRequest,
  ): Promise<Answer | 'hang' | 'reset'> => {
    switch (fault?.kind) {
      case undefined:
        return work();
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
        return work();
      case 'unauthorized':
        return api.refuse(new Refusal(401, 'Bad credentials'));
      case 'secondary-limit':
      case 'primary-limit':
        return api.refuse(limits.refusal(fault, installationId, now()));
      case 'hang':
      case 'reset':
        if (fault.committed) await work();
        return fault.kind;
      case 'status':
        if (fault.committed) await work();
        return { status: fault.status, body: { message: 'Server Error' } };
    }
  };

  return createServer((request, response) => {
    // Node would write its own: refusals and errors come by GitHub's clock as well
    response.setHeader('date', new Date(now()).toUTCString());
    const url = new URL(request.url ?? '/', 'http://github');
    const organization = /^(?:\/organizations\/([^/]+))?\/settings\/apps\/new$/.exec(url.pathname);
    const handled = organization
      ? registerApp(manifests, request, response, url, organization[1])
      : restRequest(request, response, url);
    handled.catch((error: unknown) => respond(response, { status: 500, body: { message: String(error) } }));
  });
}

async function registerApp(
  manifests: ManifestFlow,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  owner: string | undefined,
): Promise<void> {
  const form = new URLSearchParams(await readText(request));
  const result = manifests.submit(form.get('manifest') ?? '', owner, url.searchParams.get('state'));
  if ('location' in result) response.writeHead(302, { location: result.location }).end();
  else response.writeHead(422, { 'content-type': 'text/plain' }).end(result.error);
}

function respond(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(text);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
