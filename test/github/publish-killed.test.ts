import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../contract/client.ts';
import { jobResult, startAgent, submission, testResult } from '../http/work.ts';
import { type Github, startGithub } from '../support/github/github.ts';
import { operatorKey } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const createRoute = 'POST /repos/{owner}/{repo}/check-runs';
const updateRoute = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';

/** A real server on a database that outlives it. */
async function serve(github: Github, folder: string): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server-process.ts')], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      LOG_LEVEL: 'silent',
      QGJOB_DATABASE_URL: join(folder, 'qgjob.db'),
      QGJOB_BOOTSTRAP_KEY: operatorKey,
      GITHUB_APP_ID: String(github.app.id),
      GITHUB_APP_PRIVATE_KEY: github.keys.privateKey,
      GITHUB_WEBHOOK_SECRET: github.app.webhookSecret,
      GITHUB_API_URL: github.apiUrl,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [url] = await once(child.stdout, 'data');
  return { url: String(url).trim(), child };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Submits a run and reports so many failing tests of it. */
async function runAndFail(url: string, github: Github, failures: number): Promise<void> {
  const client = createClient({ serverUrl: url, apiKey: operatorKey });
  const shop = github.repository('acme/shop');
  github.install(github.app, [shop]);
  const context = {
    host: new URL(github.apiUrl).host,
    repository: 'acme/shop',
    repository_id: shop.id,
    head_sha: shop.branches.get('main') ?? '',
  };
  await client.submitRun({ body: submission('acme', { github: context }) });
  const agent = await startAgent(client);
  const claimed = await agent.claim();
  const tests = Array.from({ length: failures }, (_, i) =>
    testResult({ id: `t${i}`, title: `t${i}`, line: i + 1, status: 'failed', errors: [{ message: 'wrong' }] }),
  );
  const [jobId = ''] = claimed.jobIds;
  await claimed.result(jobId, jobResult({ outcome: 'failed', tests }));
}

describe('a server killed with kill -9', () => {
  test.each([
    ['which GitHub carried out', true],
    ['which GitHub did not carry out', false],
  ])(
    'in each of its writes, %s, leaves to the next one check run with each annotation once',
    async (_, committed) => {
      const github = await startGithub();
      onTestFinished(() => github.stop());
      const folder = temporaryFolder().path;
      // the first write tells that the run waits; then 170 annotations take four
      const aims = [createRoute, updateRoute, updateRoute, updateRoute];
      let server = await serve(github, folder);
      let submitted = false;
      for (const route of aims) {
        const fault = github.faults.arm({ kind: 'hang', committed }, { route });
        if (!submitted) await runAndFail(server.url, github, 170);
        submitted = true;
        await expect.poll(() => fault.hits, { timeout: 20_000 }).toBe(1);
        await kill(server.child);
        fault.disarm();
        server = await serve(github, folder);
      }
      await expect
        .poll(() => github.checkRuns().map(({ status }) => status), { timeout: 20_000 })
        .toEqual(['completed']);
      await kill(server.child);
      const [check] = github.checkRuns();
      expect(check).toMatchObject({ conclusion: 'failure', annotations: { length: 170 } });
      expect(new Set(check?.annotations.map(({ start_line }) => start_line)).size).toBe(170);
      expect(github.checkRuns()).toHaveLength(1);
      github.expectNoViolations();
    },
    90_000,
  );
});
