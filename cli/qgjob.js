#!/usr/bin/env node
// The command as npm links it. Plain JavaScript that every Node can parse, because its first task is to refuse an old one:
// better-sqlite3 13 ends Node 20 with a segmentation fault instead of a message, so nothing may be imported before.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldest = [22, 19];
const home = dirname(dirname(fileURLToPath(import.meta.url)));
const marker = 'QGJOB_STARTED_AGAIN';

const startedAgain = process.env[marker] === '1';
delete process.env[marker];

if (isNewEnough(process.versions.node)) await start();
else startAgain();

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** In a checkout `npm ci` has put a newer Node beside the dependencies: use that one. */
function startAgain() {
  const newer = join(home, 'node_modules', '.bin', 'node');
  if (startedAgain || !existsSync(newer)) {
    process.stderr.write(`qgjob needs Node ${oldest.join('.')} or newer, and this is ${process.versions.node}.\n`);
    process.exit(2);
  }
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [marker]: '1' },
  });
  // the child may get a terminal's Ctrl-C twice, from the terminal and from here: it counts both as one
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`qgjob cannot start ${newer}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 2);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

async function start() {
  silenceTypeStripping();
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  // Node strips no types below node_modules: an installed package brings its build
  const installed = home.split(sep).includes('node_modules');
  const { main } = await import(installed ? '../build/cli/main.js' : './main.ts');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  // the reader of a pipe may leave early, as `head` does: that is no error
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leaveWithReader);
  const code = await main(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    version,
    onSignal: (name, handler) => process.on(name, handler),
  });
  await Promise.all([process.stdout, process.stderr].map((s) => new Promise((resolve) => s.write('', resolve))));
  process.exit(code);
}

function leaveWithReader(error) {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

/** Node 22 warns of every run that it strips types; that says nothing to the user of a command. */
function silenceTypeStripping() {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = (warning, ...rest) => {
    if (!/type stripping/i.test(String(warning?.message ?? warning))) emit(warning, ...rest);
  };
}
