import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '../../contract/client.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import type { Github } from '../../test/support/github/github.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';

const operatorKey = 'the-operator-of-the-webhook-chaos';

/** A server in a process of its own that knows the App of a GitHub. */
export interface WebhookServer extends ServerProcess {
  client: Client;
  /** Its database, read from here. */
  store: Store;
  /** Ends it and removes what it kept. */
  remove(): Promise<void>;
}

/** Starts a server on an empty database and has the App's webhooks sent to it. */
export async function startWebhookServer(github: Github): Promise<WebhookServer> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-webhooks-'));
  mkdirSync(join(folder, 'blobs'));
  const database = join(folder, 'qgjob.db');
  const server = await createServerProcess({
    database,
    blobs: join(folder, 'blobs'),
    bootstrapKey: operatorKey,
    leaseSeconds: 30,
    log: join(folder, 'server.log'),
    environment: {
      LOG_LEVEL: 'error',
      GITHUB_APP_ID: String(github.app.id),
      GITHUB_APP_PRIVATE_KEY: github.keys.privateKey,
      GITHUB_WEBHOOK_SECRET: github.app.webhookSecret,
      GITHUB_API_URL: github.apiUrl,
    },
  });
  await server.start();
  github.app.webhookUrl = `${server.base}/webhooks/github`;
  const store = openSqlite(database);
  return {
    ...server,
    client: createClient({ serverUrl: server.base, apiKey: operatorKey }),
    store,
    async remove() {
      await store.close();
      await server.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
