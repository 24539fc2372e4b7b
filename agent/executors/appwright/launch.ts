import { mkdir, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartRunner } from '../../processes/runner-process.ts';
import { childEnvironment, type Environment } from '../environment.ts';
import type { ExecuteRequest } from '../executor.ts';
import type { Launched } from '../runner/attend.ts';
import { filterFor, type RunFiles } from '../runner/execution.ts';
import type { AppwrightProject } from './project.ts';

const wrapperConfig = fileURLToPath(new URL('wrapper.config.cjs', import.meta.url));
const hubPortPreload = fileURLToPath(new URL('hub-port.cjs', import.meta.url));
const cloudHubPreload = fileURLToPath(new URL('cloud-hub.cjs', import.meta.url));
const shims = fileURLToPath(new URL('shims', import.meta.url));
/** The only port AppWright asks for Appium. */
const builtInPort = 4723;
/** A test without a limit of its own gets the job's, and never more than this. */
const maxTestMs = 600_000;

/** Where the tests of one job run. */
export interface Station {
  startRunner: StartRunner;
  /** AppWright's word for the kind of device. */
  provider: 'emulator' | 'local-device' | 'browserstack';
  /** What the device is called in the session's request. */
  deviceName: string | undefined;
  osVersion?: string | undefined;
  udid: string | undefined;
  /** The port of the hub that stands for Appium or for the cloud. */
  hubPort: number;
  env: Environment;
  /** Where compiled files are kept between runs. */
  cacheDir: string;
}

/** Starts the runner for one spec file. */
export async function launch(
  request: ExecuteRequest,
  project: AppwrightProject,
  station: Station,
  files: RunFiles,
): Promise<Launched> {
  const { app, projectDir, device, timeoutMs } = request;
  const job = {
    ...files.forConfig,
    configFile: project.configFile,
    project: request.project,
    platform: device.platform,
    uploadedApp: app?.kind === 'uploaded' ? app.url : null,
    testTimeoutMs: Math.min(timeoutMs, maxTestMs),
    use: { buildPath: await buildPath(request) },
    device: {
      provider: station.provider,
      name: station.deviceName,
      osVersion: station.osVersion,
      udid: station.udid,
    },
  };
  const env = childEnvironment({
    ...station.env,
    PATH: [shims, station.env.PATH ?? childEnvironment({}).PATH].join(delimiter),
    TMPDIR: request.temporaryDir,
    USER: 'qgjob',
    CI: '1',
    FORCE_COLOR: '0',
    // compiled once: loading AppWright and what it brings takes a third less processor time then
    NODE_COMPILE_CACHE: station.cacheDir,
    PWTEST_CACHE_DIR: station.cacheDir,
    // webdriver prints every exchange otherwise
    WDIO_LOG_LEVEL: 'error',
    PLAYWRIGHT_HTML_OPEN: 'never',
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
    QGJOB_SHIMS: shims,
    QGJOB_APPWRIGHT: JSON.stringify(job),
    ...(app?.kind === 'package' ? { QGJOB_APP_PACKAGE: app.packageName } : {}),
    ...towardsHub(station),
  });
  await mkdir(files.forConfig.reporter.options.bodies, { recursive: true });
  const words = [project.cli, 'test', filterFor(request), `--config=${wrapperConfig}`];
  const runner = await station.startRunner(process.execPath, words, { cwd: projectDir, env, runId: request.runId });
  return { runner, eventsFile: files.eventsFile, reportFile: files.forConfig.report };
}

/** AppWright lets nobody choose where its sessions are made: connections to there are turned to the hub. */
function towardsHub({ provider, hubPort }: Station): Environment {
  const isCloud = provider === 'browserstack';
  if (!isCloud && hubPort === builtInPort) return {};
  const preload = JSON.stringify(isCloud ? cloudHubPreload : hubPortPreload);
  return { NODE_OPTIONS: `--require ${preload}`, QGJOB_HUB_PORT: String(hubPort) };
}

/** AppWright hands this path to a shell: a link with a harmless name, in a folder of the agent's own choice. */
async function buildPath({ app, temporaryDir }: ExecuteRequest): Promise<string | undefined> {
  if (app?.kind === 'uploaded') return app.url;
  if (app?.kind !== 'package') return undefined;
  const link = join(temporaryDir, 'app.apk');
  await symlink(app.file, link);
  return link;
}
