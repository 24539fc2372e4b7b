import { resolve } from 'node:path';
import type { SubmitRun } from '../contract/run.ts';
import type { DeviceRequirement, Platform, Reset, Target } from '../contract/words.ts';
import { type LocalApp, readApp } from './app.ts';
import { defined } from './defined.ts';
import { exitCodes } from './exit-codes.ts';
import { expandTests, findProject, type Project } from './project.ts';
import { UserError } from './user-error.ts';

/** What is to run, as its user said it. */
export interface Wish {
  /** Files, folders and globs, relative to the project. */
  tests: readonly string[];
  /** Where the tests are, relative to `cwd`. */
  projectDir?: string | undefined;
  appVersionId?: string | undefined;
  /** The build to test, relative to `cwd`. */
  app?: string | undefined;
  platform?: Platform | undefined;
  target: Target;
  priority?: number | undefined;
  project?: string | undefined;
  devices?: DeviceRequirement[] | undefined;
  retries?: number | undefined;
  infraRetries?: number | undefined;
  timeoutSeconds?: number | undefined;
  queueTimeoutSeconds?: number | undefined;
  reset?: Reset | undefined;
}

/** What a wish comes to, once the files it names have been looked at. Nothing has been sent yet. */
export interface Submission {
  body: Omit<SubmitRun, 'org_id'>;
  project: Project;
  app: LocalApp | null;
}

/**
 * Reads the project and the app that a wish names.
 * @throws UserError for files that cannot be read, and with exit code 3 where a test matches nothing
 */
export async function composeSubmission(wish: Wish, cwd: string): Promise<Submission> {
  if (!wish.app && !wish.appVersionId) {
    throw new UserError('Which app version?', exitCodes.usage, [
      'Give --app-version-id, or the build itself with --app; in a workflow app-version-id or app-file.',
    ]);
  }
  const project = findProject(resolve(cwd, wish.projectDir ?? '.'));
  const tests = expandTests(project, wish.tests);
  const app = wish.app ? await readApp(wish.app, { cwd, id: wish.appVersionId, platform: wish.platform }) : null;
  const retries = defined({ test: wish.retries, infra: wish.infraRetries });
  return {
    project,
    app,
    body: {
      app_version_id: app?.id ?? wish.appVersionId ?? '',
      target: wish.target,
      tests,
      ...defined({
        priority: wish.priority,
        project: wish.project,
        devices: wish.devices,
        retries: Object.keys(retries).length > 0 ? retries : undefined,
        timeout_seconds: wish.timeoutSeconds,
        queue_timeout_seconds: wish.queueTimeoutSeconds,
        reset: wish.reset,
      }),
    },
  };
}
