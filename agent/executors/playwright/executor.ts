import type { Executor } from '../executor.ts';
import { attend } from '../runner/attend.ts';
import { hindered, refusal, timed } from '../runner/execution.ts';
import { conclude } from '../runner/outcome.ts';
import { type LaunchSettings, launch } from './launch.ts';
import { findPlaywright } from './project.ts';

/** Runs specs of projects that use `@playwright/test`, each in one runner process, on a device of the web platform. */
export function createPlaywrightExecutor(settings: LaunchSettings): Executor {
  return {
    execute: (request, listener) =>
      timed(async () => {
        const project = findPlaywright(request.projectDir);
        if (!project) return refusal('config_error', noPlaywright);
        const hindrance = await hindered(request);
        if (hindrance) return hindrance;
        const launched = await launch(request, project, settings);
        const run = await attend(launched, request, listener);
        return conclude({ ...run, testPath: request.testPath, root: request.projectDir });
      }),
  };
}

const noPlaywright =
  'The project has no @playwright/test: add it to the dependencies in package.json and commit package-lock.json.';
