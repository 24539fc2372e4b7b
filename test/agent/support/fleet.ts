import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as tar from 'tar';
import { onTestFailed, onTestFinished } from 'vitest';
import { findBrowser } from '../../../agent/browser.ts';
import { startAgent } from '../../../agent/main.ts';
import type { AgentSettings, LogEntry, RunningAgent } from '../../../agent/settings.ts';
import { type Client, createClient } from '../../../contract/client.ts';
import type { Job } from '../../../contract/job.ts';
import { readSettings } from '../../../server/config.ts';
import { startServer } from '../../../server/main.ts';
import { browserCache } from './execute.ts';
import { type Gate, openGate } from './gate.ts';
import { temporaryFolder, writeFiles } from './project.ts';

const adminKey = 'bootstrap-key-of-the-agent-tests-000000';

export interface Fleet {
  /** As an administrator, straight to the server. */
  client: Client;
  /** Between the agents and the server. */
  gate: Gate;
  agentKey: string;
  /** What the agents logged. */
  logged: LogEntry[];
  /** Starts an agent in this process; stopped at the test's end. */
  agent(given?: Partial<AgentSettings>): Promise<RunningAgent>;
  /** Registers a build of these files as an app version. */
  registerApp(version: string, files: Record<string, string>): Promise<string>;
  /** Submits specs of a bundle (made of `project`) or, without one, of the agent's own project. */
  submit(options: SubmitOptions): Promise<[Job, ...Job[]]>;
  /** The job, once it has completed. */
  completed(job: Pick<Job, 'id'>): Promise<Job>;
  /** The job, once `fits` holds. */
  job(job: Pick<Job, 'id'>, fits: (job: Job) => boolean): Promise<Job>;
}

interface SubmitOptions {
  version?: string;
  tests: string[];
  /** A folder to make a bundle of. */
  project?: string;
  timeoutSeconds?: number;
  reset?: 'data' | 'none' | 'reinstall';
  retries?: { test?: number; infra?: number };
}

/** A real server on SQLite with an organisation, and a gate in front of it. */
export async function startFleet({ leaseSeconds = 3 }: { leaseSeconds?: number } = {}): Promise<Fleet> {
  const dir = temporaryFolder();
  const server = await startServer({
    ...readSettings({
      QGJOB_BOOTSTRAP_KEY: adminKey,
      LOG_LEVEL: 'silent',
      PORT: '0',
      QGJOB_LEASE_SECONDS: String(leaseSeconds),
    }),
    database: join(dir, 'qgjob.db'),
    blobFolder: join(dir, 'blobs'),
  });
  onTestFinished(() => server.stop(100));
  const client = createClient({ serverUrl: server.url, apiKey: adminKey });
  await client.createOrg({ body: { id: 'acme', name: 'Acme' } });
  const { body: key } = await client.createKey({ params: { org: 'acme' }, body: { role: 'agent', name: 'lab' } });
  const gate = await openGate(server.url);
  const logged: LogEntry[] = [];
  onTestFailed(() => {
    console.error(gate.seen.slice(-40).map(({ method, path, status }) => `${method} ${path} ${status}`));
    console.error(logged);
  });

  async function put(archive: Buffer): Promise<string> {
    const sha256 = createHash('sha256').update(archive).digest('hex');
    await client.putBlob({ params: { sha256 }, query: { org_id: 'acme' }, body: new Uint8Array(archive) });
    return sha256;
  }

  async function job({ id }: Pick<Job, 'id'>, fits: (job: Job) => boolean): Promise<Job> {
    for (let after_version = 0; ; ) {
      const { body } = await client.getJob({ params: { id }, query: { wait_seconds: 30, after_version } });
      if (fits(body)) return body;
      after_version = body.version;
    }
  }

  return {
    client,
    gate,
    agentKey: key.key,
    logged,
    job,
    completed: (given) => job(given, ({ status }) => status === 'completed'),
    async agent(given = {}) {
      const running = await startAgent({
        serverUrl: gate.url,
        apiKey: key.key,
        name: 'lab-1',
        devices: [{ id: 'web-1', target: 'emulator', platform: 'web' }],
        workDir: join(dir, 'agent'),
        chromium: (await findBrowser({ explicit: undefined, cacheDir: browserCache }))?.path,
        log: (entry) => logged.push(entry),
        ...given,
      });
      onTestFinished(() => running.stop().catch(() => undefined));
      return running;
    },
    async registerApp(version, files) {
      const sha256 = await put(await archiveOf(files));
      const body = { org_id: 'acme', sha256, platform: 'web' as const, file_name: 'build.tgz' };
      await client.registerAppVersion({ params: { app_version_id: version }, body });
      return sha256;
    },
    async submit({ version = 'v1', tests, project, timeoutSeconds, reset, retries }) {
      const bundle = project === undefined ? undefined : { sha256: await put(await pack(project)) };
      const { body } = await client.submitRun({
        body: {
          org_id: 'acme',
          app_version_id: version,
          target: 'emulator',
          tests,
          retries: retries ?? { test: 0, infra: 0 },
          dedupe: false,
          ...(bundle ? { bundle } : {}),
          ...(timeoutSeconds ? { timeout_seconds: timeoutSeconds } : {}),
          ...(reset ? { reset } : {}),
        },
      });
      // safe because a run has a job for each of its tests
      return body.jobs as [Job, ...Job[]];
    },
  };
}

/** A .tar.gz of these files. */
export async function archiveOf(files: Record<string, string>): Promise<Buffer> {
  const dir = temporaryFolder();
  writeFiles(dir, files);
  return pack(dir);
}

/** A .tar.gz of a folder, without its packages. */
export async function pack(dir: string): Promise<Buffer> {
  const isPackage = (path: string) => path.split('/').includes('node_modules');
  const chunks: Buffer[] = [];
  for await (const chunk of tar.c({ cwd: dir, gzip: true, filter: (path) => !isPackage(path) }, ['.']))
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
