import { join } from 'node:path';
import { startAgent } from '../../../agent/main.ts';
import type { AgentSettings, DeviceSettings, LogEntry, RunningAgent } from '../../../agent/settings.ts';
import { type Client, createClient } from '../../../contract/client.ts';
import type { Job } from '../../../contract/job.ts';
import type { Target } from '../../../contract/words.ts';
import { readSettings } from '../../../server/config.ts';
import { startServer } from '../../../server/main.ts';
import { apk, type Bed, openBed, sha256Of } from './bed.ts';

const adminKey = 'bootstrap-key-of-the-appwright-bed-000000';

export interface Lab extends Bed {
  client: Client;
  logged: LogEntry[];
  /** What an agent in another process needs. */
  settings(given: Partial<AgentSettings> & Pick<AgentSettings, 'projectDir'>): Omit<AgentSettings, 'log'>;
  /** Starts an agent in this process. */
  agent(given: Partial<AgentSettings> & Pick<AgentSettings, 'projectDir'>): Promise<RunningAgent>;
  /** Registers a build of this version. */
  register(version: string, bytes?: Buffer): Promise<void>;
  submit(options: SubmitOptions): Promise<Job[]>;
  /** The job, once `fits` holds. */
  job(id: string, fits: (job: Job) => boolean): Promise<Job>;
  completed(jobs: readonly Job[]): Promise<Job[]>;
  log(job: Pick<Job, 'id'> | undefined): Promise<string>;
}

export interface SubmitOptions {
  version: string;
  tests: string[];
  reset?: 'data' | 'none' | 'reinstall';
  infraRetries?: number;
  project?: string;
  /** `emulator` unless told. */
  target?: Target;
}

/** A real server with an organisation, and a bed of fake devices for its agents. */
export async function openLab(devices: DeviceSettings[], { leaseSeconds = 3 } = {}): Promise<Lab> {
  const bed = await openBed();
  for (const { id } of devices) bed.device(id);
  const server = await startServer({
    ...readSettings({
      QGJOB_BOOTSTRAP_KEY: adminKey,
      LOG_LEVEL: 'silent',
      PORT: '0',
      QGJOB_LEASE_SECONDS: String(leaseSeconds),
    }),
    database: join(bed.dir, 'qgjob.db'),
    blobFolder: join(bed.dir, 'blobs'),
  });
  const client = createClient({ serverUrl: server.url, apiKey: adminKey });
  await client.createOrg({ body: { id: 'acme', name: 'Acme' } });
  const { body: key } = await client.createKey({ params: { org: 'acme' }, body: { role: 'agent', name: 'lab' } });
  const agents: RunningAgent[] = [];
  const logged: LogEntry[] = [];
  let closed = false;

  const settings: Lab['settings'] = (given) => ({
    serverUrl: server.url,
    apiKey: key.key,
    name: 'lab-1',
    devices,
    workDir: join(bed.dir, 'agent'),
    android: bed.android,
    testEnvironment: bed.env,
    ...given,
  });

  async function job(id: string, fits: (job: Job) => boolean): Promise<Job> {
    for (let after_version = 0; ; ) {
      const { body } = await client.getJob({ params: { id }, query: { wait_seconds: 30, after_version } });
      if (fits(body)) return body;
      after_version = body.version;
    }
  }

  return {
    ...bed,
    client,
    logged,
    settings,
    job,
    async agent(given) {
      const running = await startAgent({ ...settings(given), log: (entry) => logged.push(entry) });
      agents.push(running);
      return running;
    },
    async register(version, bytes = apk(version)) {
      const sha256 = sha256Of(bytes);
      await client.putBlob({ params: { sha256 }, query: { org_id: 'acme' }, body: new Uint8Array(bytes) });
      const body = { org_id: 'acme', sha256, platform: 'android' as const, file_name: 'app.apk' };
      await client.registerAppVersion({ params: { app_version_id: version }, body });
    },
    async submit({ version, tests, reset, infraRetries = 0, project, target = 'emulator' }) {
      const { body } = await client.submitRun({
        body: {
          org_id: 'acme',
          app_version_id: version,
          target,
          tests,
          retries: { test: 0, infra: infraRetries },
          dedupe: false,
          ...(reset ? { reset } : {}),
          ...(project ? { project } : {}),
        },
      });
      return body.jobs;
    },
    completed: (jobs) => Promise.all(jobs.map(({ id }) => job(id, ({ status }) => status === 'completed'))),
    async log(given) {
      const { id } = given ?? { id: '' };
      const { body } = await client.jobLog({ params: { id }, query: {}, headers: {} });
      return body.text();
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const agent of agents) await agent.stop().catch(() => undefined);
      await server.stop(100);
      await bed.close();
    },
  };
}
