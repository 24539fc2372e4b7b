import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const checkout = join(import.meta.dirname, '../..');

/** The least that an action can be: what every action loads, and nothing to do. */
const coreOnly = `import * as core from '@actions/core';
core.info(core.getInput('server-url'));
`;

/** The least that an action can be that asks a server something. */
const coreAndRequest = `${coreOnly}await fetch(core.getInput('server-url'));
`;

/** Bundles to compare with, made as ours is, in `folder`. */
export function makeBundles(folder: string): { core: string; request: string } {
  // below the checkout, so that ncc finds the packages
  const sources = join(checkout, 'build', `bench-${process.pid}`);
  mkdirSync(sources, { recursive: true });
  const make = (name: string, source: string) => {
    const entry = join(sources, `${name}.js`);
    writeFileSync(entry, source);
    const out = join(folder, name);
    execFileSync(join(checkout, 'node_modules/.bin/ncc'), ['build', entry, '--minify', '--quiet', '--out', out]);
    return join(out, 'index.js');
  };
  try {
    return { core: make('core', coreOnly), request: make('request', coreAndRequest) };
  } finally {
    rmSync(sources, { recursive: true, force: true });
  }
}
