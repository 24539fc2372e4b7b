import type { CloudJob, CloudSession } from '../../browserstack/hub/cloud-job.ts';
import type { CloudHub } from '../../browserstack/hub/hub.ts';
import type { StartRunner } from '../../processes/runner-process.ts';
import type { Environment } from '../environment.ts';
import type { ExecuteListener, ExecuteRequest, Executor, RunnerTest } from '../executor.ts';
import { attend } from '../runner/attend.ts';
import { filesFor, refusal } from '../runner/execution.ts';
import { conclude, type Stop, type Verdict } from '../runner/outcome.ts';
import { isOf, type TestWindow, windowsOf } from '../runner/test-windows.ts';
import { launch } from './launch.ts';
import { onProject } from './on-project.ts';
import type { AppwrightProject } from './project.ts';

export interface AppwrightCloudSettings {
  startRunner: StartRunner;
  /** Stands for the cloud, and has the account's key. */
  hub: CloudHub;
  /** Marks, and whatever the agent's owner gives to tests. */
  env: Environment;
  /** Where compiled files are kept between runs. */
  cacheDir: string;
}

/** Runs specs of AppWright projects on a cloud's devices: the cloud has the app, and puts it on a device for each session. */
export function createAppwrightCloudExecutor(settings: AppwrightCloudSettings): Executor {
  const { hub } = settings;
  return {
    execute: (request, listener) =>
      onProject(request, async (project) => {
        if (request.app?.kind !== 'uploaded')
          return refusal('config_error', 'A cloud needs an app: register a build for this app version.');
        const job = hub.open({
          sessionName: request.testPath,
          buildName: request.app.version,
          app: request.app.url,
          say: (line) => listener.output(Buffer.from(`[qgjob] ${line}\n`)),
        });
        try {
          return await run(settings, request, listener, project, job);
        } finally {
          await hub.close(job);
        }
      }),
  };
}

async function run(
  { hub, env, ...settings }: AppwrightCloudSettings,
  request: ExecuteRequest,
  listener: ExecuteListener,
  project: AppwrightProject,
  job: CloudJob,
): Promise<Verdict> {
  const { model, os_version } = request.device;
  const place = {
    ...settings,
    provider: 'browserstack',
    deviceName: model,
    osVersion: os_version,
    udid: undefined,
    hubPort: hub.port,
    env: { ...env, BROWSERSTACK_USERNAME: 'qgjob', BROWSERSTACK_ACCESS_KEY: job.token },
  } as const;
  const launched = await launch(request, project, place, filesFor(request));
  const gaveWay = job.gaveWay.then((message): Stop => ({ why: 'gave_way', message }));
  const ended = await attend(launched, request, listener, gaveWay);
  const { testPath, projectDir: root } = request;
  const verdict = conclude({ ...ended, testPath, root, witnessed: job.troubles });
  const tests = withSessions(verdict.tests, windowsOf(ended.events), job.sessions);
  // a test that was out of time while it waited for a session says nothing of why it waited
  const unsaid = verdict.outcome === 'infra_error' && job.refusal !== null ? [{ message: job.refusal }] : [];
  return { ...verdict, tests, errors: [...verdict.errors, ...unsaid] };
}

/** Each test with the session it ran in: the last that was open while it ran. */
function withSessions(
  tests: readonly RunnerTest[],
  windows: readonly TestWindow[],
  sessions: readonly CloudSession[],
): RunnerTest[] {
  return tests.map((test) => {
    const window = windows.find((candidate) => isOf(candidate, test));
    const session = sessions.findLast(({ startedAt, endedAt }) => {
      const untilAt = endedAt ?? Number.POSITIVE_INFINITY;
      return window && startedAt <= window.toAt && untilAt >= window.fromAt;
    });
    return { ...test, session: session?.id ?? test.session };
  });
}
