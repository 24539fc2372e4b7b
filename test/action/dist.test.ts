import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const checkout = resolve(import.meta.dirname, '../..');
const dist = join(checkout, 'dist');

/** What runs in other people's workflows: built again, and compared with what is committed. */
describe('the bundle', () => {
  const folder = temporaryFolder();
  const fresh = folder.file('dist');
  let modules: string[] = [];

  beforeAll(async () => {
    const order = ['scripts/build-action.ts', '--out', fresh, '--modules', folder.file('modules.json')];
    await promisify(execFile)(process.execPath, order, { cwd: checkout });
    modules = JSON.parse(readFileSync(folder.file('modules.json'), 'utf8'));
  }, 180_000);

  test('is what the code gives, byte for byte: else run "npm run build:action" and commit dist/', () => {
    const files = readdirSync(fresh).sort();
    expect(readdirSync(dist).sort()).toEqual(files);
    expect(files.filter((name) => !read(dist, name).equals(read(fresh, name)))).toEqual([]);
  });

  test('is committed as a whole', () => {
    const tracked = execFileSync('git', ['ls-files', 'dist'], { cwd: checkout, encoding: 'utf8' });
    expect(tracked.trim().split('\n').sort()).toEqual(
      readdirSync(fresh)
        .map((name) => `dist/${name}`)
        .sort(),
    );
  });

  test('is under one megabyte of code', () => {
    const code = readdirSync(fresh).filter((name) => name.endsWith('.js'));
    expect(code.reduce((sum, name) => sum + statSync(join(fresh, name)).size, 0)).toBeLessThan(1_000_000);
  });

  test('holds the Action and what it shares with other clients, and no server, agent or command line', () => {
    expect(modules).toContain('build/action/index.js');
    expect(modules.filter(isForeign)).toEqual([]);
  });

  test('carries the licence of every package in it', () => {
    const packages = modules.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
    const lines = read(fresh, 'licenses.txt').toString('utf8').split('\n');
    expect(packages).toContain('@actions/core');
    expect([...new Set(packages)].filter((name) => !lines.includes(name))).toEqual([]);
  });

  test('tells nothing of the machine that built it', () => {
    for (const name of readdirSync(fresh)) expect(read(fresh, name).includes(checkout)).toBe(false);
  });

  test.each(['build/server/config.js', 'build/cli/main.js', 'node_modules/pg/lib/index.js', '../elsewhere/x.js'])(
    'the check itself sees %s',
    (path) => expect(isForeign(path)).toBe(true),
  );
});

/** A module that belongs to another program, or to nothing in this repository. */
function isForeign(path: string): boolean {
  const otherPrograms =
    /node_modules\/(better-sqlite3|drizzle-orm|hono|@hono|pg|pino|prom-client|commander|playwright.*)\//;
  return !/^(build\/(action|client|contract)|node_modules)\//.test(path) || otherPrograms.test(path);
}

function read(folder: string, name: string): Buffer {
  return readFileSync(join(folder, name));
}
