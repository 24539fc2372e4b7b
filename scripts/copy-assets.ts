/**
 * Puts beside the compiled code what the compiler leaves behind: migrations, and the files that other processes load. Part of
 * `npm run build`; another folder than `build` may be named.
 */
import { cpSync } from 'node:fs';
import { extname, join } from 'node:path';

const target = process.argv[2] ?? 'build';

for (const folder of ['agent', 'cli', 'client', 'contract', 'server']) {
  cpSync(folder, join(target, folder), { recursive: true, filter: (path) => extname(path) !== '.ts' });
}
