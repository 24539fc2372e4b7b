import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '../../contract/client.ts';
import { KeyRole } from '../../contract/words.ts';
import { readSettings, type ServerSettings } from '../../server/config.ts';
import { type RunningServer, startServer } from '../../server/main.ts';
import { conformingFetch } from './conformance.ts';

export const operatorKey = 'the-operator-of-this-test-server';

/** An organisation with a key of each role, as text and as a client. */
export interface TestOrg {
  id: string;
  keys: Record<KeyRole, string>;
  admin: Client;
  submit: Client;
  agent: Client;
  read: Client;
}

export interface TestServer extends RunningServer {
  settings: ServerSettings;
  /** A client with the operator's key. */
  operator: Client;
  /** A client with any key, or with none. */
  client(apiKey?: string): Client;
  /** A new organisation; its id is made up unless told. */
  org(id?: string): Promise<TestOrg>;
  /** What fetch answers on a path of this server; the operator's key unless headers say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/**
 * A real server on a free port of loopback, with a database and blobs in a folder that goes when it stops.
 * Register its `stop` with afterAll or onTestFinished.
 */
export async function startTestServer(overrides: Partial<ServerSettings> = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-server-'));
  const settings: ServerSettings = {
    ...readSettings({ QGJOB_BOOTSTRAP_KEY: operatorKey, LOG_LEVEL: 'silent' }),
    port: 0,
    database: join(folder, 'qgjob.db'),
    blobFolder: join(folder, 'blobs'),
    ...overrides,
  };
  const server = await startServer(settings);
  // a test wants to see the first answer, not the one after some retries
  const client = (apiKey?: string) =>
    createClient({ serverUrl: server.url, apiKey, retries: 0, fetch: conformingFetch });
  const operator = client(operatorKey);
  let orgs = 0;

  return {
    ...server,
    settings,
    operator,
    client,
    async org(id = `org-${++orgs}`) {
      await operator.createOrg({ body: { id, name: `Organisation ${id}` } });
      const made = await Promise.all(
        KeyRole.options.map(async (role) => {
          const { body } = await operator.createKey({ params: { org: id }, body: { role, name: `${role} of ${id}` } });
          return [role, body.key] as const;
        }),
      );
      // safe because there is one entry for each role
      const keys = Object.fromEntries(made) as TestOrg['keys'];
      return {
        id,
        keys,
        admin: client(keys.admin),
        submit: client(keys.submit),
        agent: client(keys.agent),
        read: client(keys.read),
      };
    },
    fetch(path, init = {}) {
      return fetch(server.url + path, {
        ...init,
        headers: { authorization: `Bearer ${operatorKey}`, ...init.headers },
      });
    },
    async stop(graceMs) {
      await server.stop(graceMs);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
