import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartRunner } from '../../processes/runner-process.ts';
import { attachCaptures } from '../appium/attach-captures.ts';
import { deviceNameFor } from '../appium/capabilities.ts';
import type { Hub } from '../appium/hub.ts';
import type { HubJob } from '../appium/hub-job.ts';
import type { Environment } from '../environment.ts';
import type { ExecuteListener, ExecuteRequest, Executor } from '../executor.ts';
import { attend } from '../runner/attend.ts';
import { filesFor, refusal } from '../runner/execution.ts';
import { conclude, type Stop, type Verdict } from '../runner/outcome.ts';
import { windowsOf } from '../runner/test-windows.ts';
import { launch, type Station } from './launch.ts';
import { onProject } from './on-project.ts';
import type { AppwrightProject } from './project.ts';

export interface AppwrightSettings {
  startRunner: StartRunner;
  hub: Hub;
  /** The SDK, Java, marks, and whatever the agent's owner gives to tests. */
  env: Environment;
  /** Where compiled files are kept between runs. */
  cacheDir: string;
}

/** Runs specs of AppWright projects, each in one runner process, on a device or emulator behind the hub. */
export function createAppwrightExecutor({ hub, ...settings }: AppwrightSettings): Executor {
  return {
    execute: (request, listener) =>
      onProject(request, async (project) => {
        if (request.app?.kind !== 'package')
          return refusal('config_error', 'AppWright needs an app: register an APK for this app version.');
        const job = await openJob(hub, request);
        try {
          return await run(request, listener, project, job, {
            ...station(request, job),
            ...settings,
            hubPort: hub.port,
          });
        } finally {
          await hub.close(job);
        }
      }),
  };
}

async function openJob(hub: Hub, request: ExecuteRequest): Promise<HubJob> {
  const capturesDir = join(request.outDir, 'captures');
  await mkdir(capturesDir);
  return hub.open({
    token: randomUUID(),
    serial: request.device.serial ?? request.device.id,
    reset: request.reset,
    capturesDir,
    reinstall: () => request.reinstall(request.signal),
  });
}

function station({ device }: ExecuteRequest, job: HubJob): Pick<Station, 'provider' | 'deviceName' | 'udid'> {
  const provider = device.target === 'emulator' ? 'emulator' : 'local-device';
  return { provider, deviceName: deviceNameFor(job.token), udid: job.serial };
}

async function run(
  request: ExecuteRequest,
  listener: ExecuteListener,
  project: AppwrightProject,
  job: HubJob,
  place: Station,
): Promise<Verdict> {
  const launched = await launch(request, project, place, filesFor(request));
  const gaveWay = job.gaveWay.then((message): Stop => ({ why: 'gave_way', message }));
  const ended = await attend(launched, request, listener, gaveWay);
  tell(job, listener);
  const { testPath, projectDir: root } = request;
  const verdict = conclude({ ...ended, testPath, root, witnessed: job.troubles });
  return { ...verdict, tests: attachCaptures(verdict.tests, windowsOf(ended.events), job.sessions) };
}

/** The hub's record of the job, for its log. */
function tell({ sessions, troubles, serial, reset }: HubJob, listener: ExecuteListener): void {
  const lines = [
    ...sessions.map(({ id, creationMs, installMs }) => {
      const install = installMs === null ? `no install (reset: ${reset})` : `installed anew in ${installMs / 1000} s`;
      return `session ${id} on ${serial}: made in ${creationMs / 1000} s, ${install}`;
    }),
    ...troubles.map(({ blame, message }) => `the ${blame} gave way: ${message.split('\n', 1)[0]}`),
  ];
  for (const line of lines) listener.output(Buffer.from(`[qgjob] ${line}\n`));
}
