import { constants, existsSync } from 'node:fs';
import { cp, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../../contract/client.ts';
import type { Environment } from '../executors/environment.ts';
import { PreparationError } from '../preparation-error.ts';
import type { StartRunner } from '../processes/runner-process.ts';
import { installDependencies } from './dependencies.ts';
import { downloadBlob } from './download.ts';
import { makeOnce } from './make-once.ts';
import type { Sharing } from './share.ts';
import { unpackArchive } from './unpack.ts';

export interface WorkspaceDeps {
  client: Client;
  sharing: Sharing;
  bundlesDir: string;
  dependenciesDir: string;
  /** Where jobs without a bundle run. */
  projectDir: string;
  startRunner: StartRunner;
  /** npm's environment. */
  env: Environment;
}

export interface WorkspaceRequest {
  bundle: { sha256: string; org_id: string } | null;
  /** The device's folder for its job: two devices never share a checkout. */
  dir: string;
  signal: AbortSignal;
  output: (chunk: Uint8Array) => void;
}

/**
 * A folder with the test project, as its real path: a fresh copy of the bundle at a path that stays the same for the
 * device, so that the runner's compile cache holds; without a bundle the agent's own project.
 * @throws PreparationError, or the signal's reason
 */
export async function prepareWorkspace(deps: WorkspaceDeps, request: WorkspaceRequest): Promise<string> {
  const { bundle, dir, signal, output } = request;
  if (!bundle) return ownProject(deps.projectDir);
  const bundleDir = await deps.sharing.join(`bundle ${bundle.sha256}`, signal, (shared) =>
    fetchBundle(deps, bundle, shared),
  );
  const modules = await deps.sharing.join(`dependencies ${bundle.sha256}`, signal, (shared) =>
    installDependencies({
      bundleDir,
      bundleSha256: bundle.sha256,
      cacheDir: deps.dependenciesDir,
      startRunner: deps.startRunner,
      env: deps.env,
      signal: shared,
      output,
    }),
  );
  const project = join(dir, 'project');
  await rm(project, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await cp(bundleDir, project, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  if (modules && !existsSync(join(project, 'node_modules'))) await symlink(modules, join(project, 'node_modules'));
  return realpath(project);
}

async function fetchBundle(
  deps: WorkspaceDeps,
  bundle: { sha256: string; org_id: string },
  signal: AbortSignal,
): Promise<string> {
  const folder = await makeOnce(join(deps.bundlesDir, bundle.sha256), async (dir) => {
    const archive = join(dir, 'bundle.tar.gz');
    await downloadBlob(deps.client, bundle, archive, signal);
    await mkdir(join(dir, 'project'));
    await unpackArchive(archive, join(dir, 'project'), 'The bundle');
    await rm(archive);
  });
  return join(folder, 'project');
}

async function ownProject(projectDir: string): Promise<string> {
  return realpath(projectDir).catch((error) => {
    throw new PreparationError('infra_error', `The agent's project folder ${projectDir} does not exist.`, error);
  });
}
