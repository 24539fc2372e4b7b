/** Puts beside the compiled code what the compiler leaves behind: migrations, and the files that other processes load. Part of `npm run build`. */
import { cpSync } from 'node:fs';
import { extname } from 'node:path';

const compiled = new Set(['.ts']);

for (const folder of ['agent', 'cli', 'contract', 'server']) {
  cpSync(folder, `build/${folder}`, { recursive: true, filter: (path) => !compiled.has(extname(path)) });
}
