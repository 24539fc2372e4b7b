import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create } from 'tar';
import { type BundleFiles, chooseBundleFiles } from './bundle-files.ts';
import { formatBytes } from './bytes.ts';
import { exitCodes } from './exit-codes.ts';
import { UserError } from './user-error.ts';

/** A project packed for agents: a file in a temporary folder, to be removed when done with. */
export interface Bundle extends BundleFiles {
  path: string;
  sha256: string;
  bytes: number;
  remove(): Promise<void>;
}

const mostBytes = 200 * 1024 ** 2;

/**
 * Packs a project as .tar.gz. The same content gives the same bytes, hence the same SHA-256: sorted, without owners and
 * times, so that an unchanged project is uploaded and unpacked once.
 * @throws UserError when it is larger than 200 MiB or has no files.
 */
export async function packBundle(folder: string): Promise<Bundle> {
  const chosen = await chooseBundleFiles(folder);
  if (chosen.files.length === 0) {
    throw new UserError(`There is nothing to bundle in ${folder}.`, exitCodes.usage, [
      '--project-dir, in a workflow the input working-directory, names another folder.',
    ]);
  }
  const temporary = await mkdtemp(join(tmpdir(), 'qgjob-bundle-'));
  const remove = () => rm(temporary, { recursive: true, force: true });
  const path = join(temporary, 'bundle.tar.gz');
  try {
    const { sha256, bytes } = await write(path, folder, chosen);
    return { ...chosen, path, sha256, bytes, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function write(path: string, folder: string, { files }: BundleFiles): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(bytes > mostBytes ? tooLarge(files) : null, chunk);
    },
  });
  const archive = create(
    { cwd: folder, gzip: true, portable: true, mtime: new Date(0), noDirRecurse: true, strict: true },
    // tar takes a leading @ for another archive to take in
    files.map(({ path }) => (path.startsWith('@') ? `./${path}` : path)),
  );
  await pipeline(archive, measure, createWriteStream(path));
  return { sha256: hash.digest('hex'), bytes };
}

function tooLarge(files: BundleFiles['files']): UserError {
  const largest = files.toSorted((a, b) => b.bytes - a.bytes).slice(0, 3);
  const named = largest.map((file) => `${file.path} (${formatBytes(file.bytes)})`).join(', ');
  return new UserError(`The project is larger than ${formatBytes(mostBytes)} when packed.`, exitCodes.usage, [
    `Largest: ${named}. List in .gitignore what the tests do not need, and give the app`,
    `with --app, in a workflow app-file. On the command line --no-bundle leaves the project to the agents' own workspace.`,
  ]);
}
