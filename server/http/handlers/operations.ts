import { describeApi } from '../../../contract/openapi.ts';
import { routes } from '../../../contract/routes.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Deps } from '../../usecases/deps.ts';
import { getRunPage } from '../../usecases/get-run-page.ts';
import type { Log } from '../log.ts';
import type { HttpMetrics } from '../metrics.ts';
import { presentReport } from '../present.ts';
import type { Handlers } from '../request-context.ts';
import { docsPage } from '../web/docs-page.ts';
import { pageHeaders } from '../web/page.ts';
import { runPage } from '../web/run-page.ts';
import { type LoadWebhookApps, receiveWebhook } from '../webhook.ts';

interface Parts {
  deps: Deps;
  webhookApps: LoadWebhookApps;
  publicUrl: string;
  version: string;
  metrics: HttpMetrics;
  log: Log;
  stopping: () => boolean;
}

/** Handlers for operators, browsers and whoever wants to know the API. */
export function operationHandlers({ deps, webhookApps, publicUrl, version, metrics, log, stopping }: Parts) {
  // neither changes while the server runs
  const document = describeApi(routes, { version, serverUrl: publicUrl });
  const docs = docsPage(routes);
  return {
    async githubWebhook({ headers, body }) {
      return { status: 202, body: { delivery: await receiveWebhook(deps, webhookApps, headers, body) } };
    },
    livez: () => ({ status: 200, body: { status: 'ok', version } }),
    async readyz() {
      if (stopping()) throw new DomainError('draining', 'The server is shutting down.');
      try {
        await deps.store.check();
      } catch (error) {
        log.warn({ err: error }, 'the database does not answer');
        throw new DomainError('overloaded', 'The database does not answer.');
      }
      return { status: 200, body: { status: 'ready' } };
    },
    async metrics() {
      const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
      return { status: 200, body: await metrics.render(), headers };
    },
    openapi: () => ({ status: 200, body: document }),
    docs: () => ({ status: 200, body: docs, headers: pageHeaders }),
    async runPage({ params }, { caller }) {
      const view = await getRunPage(deps, caller, params.id);
      const page = { report: presentReport(view, publicUrl), view: { ...view, publicUrl }, retries: view.retries };
      return { status: 200, body: runPage(page, deps.now()), headers: pageHeaders };
    },
  } satisfies Partial<Handlers>;
}
