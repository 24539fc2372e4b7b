import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import * as tar from 'tar';
import { makeOnce } from './workspace/make-once.ts';

const systemNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium; `always`: even where a project's Playwright has its own. */
export interface Browser {
  path: string;
  always: boolean;
}

export interface BrowserSources {
  /** The owner's choice. */
  explicit: string | undefined;
  /** Where to look for a system browser: the PATH variable, this process's own unless told. */
  path?: string | undefined;
  /** Where the packaged browser is unpacked, once. */
  cacheDir: string;
}

/**
 * The browser for projects whose own Playwright has none on disk: the owner's choice, the system's, or the one in the npm
 * package @sparticuz/chromium where that is installed. Null where there is none.
 * @throws Error when the owner's choice does not exist
 */
export async function findBrowser(sources: BrowserSources): Promise<Browser | null> {
  if (sources.explicit) {
    if (!(await isExecutable(sources.explicit))) throw new Error(`There is no browser at ${sources.explicit}.`);
    return { path: sources.explicit, always: true };
  }
  for (const folder of (sources.path ?? process.env.PATH ?? '').split(delimiter).filter(Boolean))
    for (const name of systemNames)
      if (await isExecutable(join(folder, name))) return { path: join(folder, name), always: false };
  const packaged = await unpackPackaged(sources.cacheDir);
  return packaged === null ? null : { path: packaged, always: false };
}

/** Unpacks @sparticuz/chromium into the cache. Its own unpacker hands out half-written files when two processes start at once. */
async function unpackPackaged(cacheDir: string): Promise<string | null> {
  let folder: string;
  try {
    folder = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')));
  } catch {
    return null;
  }
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const unpacked = await makeOnce(join(cacheDir, `chromium-${version}`), (dir) => unpack(join(folder, 'bin'), dir));
  return join(unpacked, 'browser');
}

async function unpack(bin: string, dir: string): Promise<void> {
  await pipeline(
    createReadStream(join(bin, 'chromium.br')),
    createBrotliDecompress(),
    createWriteStream(join(dir, 'chromium'), { mode: 0o755 }),
  );
  for (const [archive, target] of [
    ['fonts', '.'],
    ['swiftshader', '.'],
    ['al2023', 'libraries'],
  ] as const) {
    await mkdir(join(dir, target), { recursive: true });
    await pipeline(
      createReadStream(join(bin, `${archive}.tar.br`)),
      createBrotliDecompress(),
      tar.x({ cwd: join(dir, target) }),
    );
  }
  await writeFile(join(dir, 'fonts.conf'), fontsConfiguration);
  const complete = await promisify(execFile)(join(dir, 'chromium'), ['--version']).then(
    () => true,
    () => false,
  );
  await writeFile(join(dir, 'browser'), script(complete));
  await chmod(join(dir, 'browser'), 0o755);
}

/** Starts the browser with its fonts, and with its package's libraries (nss and the like) where the system lacks them. */
function script(systemLibrariesSuffice: boolean): string {
  return [
    '#!/bin/sh',
    'here=$(dirname "$0")',
    'export FONTCONFIG_FILE="$here/fonts.conf"',
    systemLibrariesSuffice ? '' : 'export LD_LIBRARY_PATH="$here/libraries/lib"',
    'exec "$here/chromium" "$@"',
    '',
  ].join('\n');
}

/** The system's fonts, then the package's one: its own configuration names folders of a cloud provider. */
const fontsConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
</fontconfig>
`;

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
