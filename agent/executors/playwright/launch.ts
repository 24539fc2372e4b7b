import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from '../../browser.ts';
import type { StartRunner } from '../../processes/runner-process.ts';
import { childEnvironment, type Environment } from '../environment.ts';
import type { ExecuteRequest } from '../executor.ts';
import type { Launched } from '../runner/attend.ts';
import { filesFor, filterFor } from '../runner/execution.ts';
import type { PlaywrightProject } from './project.ts';

const wrapperConfig = fileURLToPath(new URL('wrapper.config.mjs', import.meta.url));

export interface LaunchSettings {
  startRunner: StartRunner;
  /** The browser for projects that have none of their own. */
  browser: (signal: AbortSignal) => Promise<Browser | null>;
  /** Marks and whatever the agent's owner gives to tests. */
  moreEnvironment: Environment;
  /** Where Playwright keeps its compiled files between runs. */
  cacheDir: string;
}

/** Starts the runner for one spec file. */
export async function launch(
  request: ExecuteRequest,
  project: PlaywrightProject,
  settings: LaunchSettings,
): Promise<Launched> {
  const { projectDir } = request;
  const { eventsFile, forConfig } = filesFor(request);
  await mkdir(forConfig.reporter.options.bodies, { recursive: true });
  const job = {
    ...forConfig,
    projectDir,
    configFile: project.configFile,
    model: request.device.model ?? null,
    baseUrl: request.app?.kind === 'site' ? request.app.baseUrl : null,
    browser: await settings.browser(request.signal),
  };
  const env = childEnvironment({
    ...settings.moreEnvironment,
    TMPDIR: request.temporaryDir,
    CI: '1',
    FORCE_COLOR: '0',
    PLAYWRIGHT_HTML_OPEN: 'never',
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
    PWTEST_CACHE_DIR: settings.cacheDir,
    QGJOB_PLAYWRIGHT: JSON.stringify(job),
  });
  const words = [project.cli, ...runnerArguments(request)];
  const runner = await settings.startRunner(process.execPath, words, { cwd: projectDir, env, runId: request.runId });
  return { runner, eventsFile, reportFile: forConfig.report };
}

function runnerArguments(request: ExecuteRequest): string[] {
  const { project } = request;
  return [
    'test',
    filterFor(request),
    ...(project === null ? [] : [`--project=${project}`]),
    `--config=${wrapperConfig}`,
  ];
}
