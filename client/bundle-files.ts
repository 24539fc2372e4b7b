import { execFile } from 'node:child_process';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { promisify } from 'node:util';

export interface BundleFiles {
  /** What goes into the bundle: files and links, relative to the project, in the order of their bytes. */
  files: { path: string; bytes: number }[];
  /** Left out because they may hold secrets. */
  secrets: string[];
  /** Links left out because they lead out of the project. */
  strayLinks: string[];
}

/** Made by runs, or fetched by the agent itself; what git ignores is left out anyway. */
const neverBundled = new Set(['node_modules', '.git', '.qgjob', 'test-results', 'playwright-report', 'blob-report']);

/**
 * Chooses what of a project is bundled: the files git tracks and the new ones it does not ignore; where there is no git, all.
 * Dependencies stay behind, since the agent installs them from the lock file, and so does what looks like a secret.
 */
export async function chooseBundleFiles(folder: string): Promise<BundleFiles> {
  const candidates = (await gitFiles(folder)) ?? (await allFiles(folder));
  const chosen: BundleFiles = { files: [], secrets: [], strayLinks: [] };
  for (const path of [...new Set(candidates)].sort(byBytes)) {
    if (path.split('/').some((part) => neverBundled.has(part))) continue;
    const found = await lstat(join(folder, path)).catch(() => undefined);
    if (found?.isSymbolicLink() && !(await leadsInside(folder, path))) chosen.strayLinks.push(path);
    else if (!found?.isFile() && !found?.isSymbolicLink()) continue;
    else if (await mayHoldSecrets(folder, path)) chosen.secrets.push(path);
    else chosen.files.push({ path, bytes: found.size });
  }
  return chosen;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function gitFiles(folder: string): Promise<string[] | undefined> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  try {
    const { stdout } = await promisify(execFile)('git', list, { cwd: folder, maxBuffer: 256 * 1024 ** 2 });
    const files = stdout.split('\0').filter((path) => path !== '');
    // a project that git ignores as a whole has nothing to list, yet has files
    return files.length > 0 ? files : undefined;
  } catch {
    return undefined;
  }
}

async function allFiles(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const nested = entries.map(async (entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (neverBundled.has(entry.name)) return [];
    return entry.isDirectory() ? allFiles(folder, path) : [path];
  });
  return (await Promise.all(nested)).flat();
}

async function leadsInside(folder: string, path: string): Promise<boolean> {
  try {
    const root = await realpath(folder);
    return (await realpath(join(folder, path))).startsWith(root + sep);
  } catch {
    return false;
  }
}

const secretNames = [
  /^\.env(?!.*\.(example|sample|template|dist)$)(\..+)?$/,
  /^\.envrc$/,
  /^\.netrc$/,
  /^id_(rsa|dsa|ecdsa|ed25519)$/,
  /\.(pem|key|p12|pfx|jks|keystore|mobileprovision)$/,
];

async function mayHoldSecrets(folder: string, path: string): Promise<boolean> {
  const name = basename(path);
  if (secretNames.some((pattern) => pattern.test(name))) return true;
  if (name !== '.npmrc') return false;
  // most .npmrc only say where the registry is, and the agent needs that; a reference to a variable is no secret
  const text = await readFile(join(folder, path), 'utf8').catch(() => '');
  return /_(authToken|auth|password)\s*=\s*(?!\$\{)\S/.test(text);
}
