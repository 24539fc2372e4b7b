import type { StartRunner } from '../../runner-process.ts';
import type { Environment } from '../environment.ts';
import type { Executor } from '../executor.ts';
import { attend } from '../runner/attend.ts';
import { filesFor, refusal } from '../runner/execution.ts';
import { conclude } from '../runner/outcome.ts';
import { launch } from './launch.ts';
import { onProject } from './on-project.ts';

export interface AppwrightCloudSettings {
  startRunner: StartRunner;
  /** Marks, credentials, and whatever the agent's owner gives to tests. */
  env: Environment;
  /** Where compiled files are kept between runs. */
  cacheDir: string;
}

/** Runs specs of AppWright projects on a cloud's device: the cloud has the app, and no hub of ours is between. */
export function createAppwrightCloudExecutor({ startRunner, env, cacheDir }: AppwrightCloudSettings): Executor {
  return {
    execute: (request, listener) =>
      onProject(request, async (project) => {
        if (request.app?.kind !== 'uploaded')
          return refusal('config_error', 'A cloud needs an app: register a build for this app version.');
        const { model, os_version } = request.device;
        const station = {
          provider: 'browserstack',
          deviceName: model,
          osVersion: os_version,
          udid: undefined,
        } as const;
        const place = { ...station, startRunner, hubPort: null, env, cacheDir };
        const launched = await launch(request, project, place, filesFor(request));
        const run = await attend(launched, request, listener);
        return conclude({ ...run, testPath: request.testPath, root: request.projectDir });
      }),
  };
}
