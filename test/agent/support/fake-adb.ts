import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './project.ts';

interface FakeDevice {
  /** adb's word; `device` unless told. */
  state?: string;
  booted?: boolean;
  battery?: number;
  freeMiB?: number;
}

export interface FakeAdb {
  /** To be called as adb. */
  program: string;
  /** An Android SDK that has no more than it. */
  sdkDir: string;
  /** What is plugged in from now on. */
  plug(devices: Record<string, FakeDevice>): void;
  /** Ends the tracking under way, as a server that dies does; it can be started again unless `forGood`. */
  die(forGood?: boolean): void;
  /** What `emu kill` of a device ends. */
  onKill(serial: string, pid: number | undefined): void;
  /** How often a tracking has begun. */
  trackings(): number;
}

/**
 * An `adb` at the wire: a program that speaks adb's words, of devices described by a file. `track-devices` tells each change
 * as adb does, with the lines about its daemon before.
 */
export function fakeAdb(): FakeAdb {
  const dir = temporaryFolder();
  const file = (name: string) => join(dir, name);
  const program = file('platform-tools/adb');
  mkdirSync(file('platform-tools'));
  writeFileSync(program, `#!${process.execPath}\n${script(dir)}`);
  chmodSync(program, 0o755);
  mkdirSync(file('trackings'));
  let made = 0;
  const put = (name: string, text: string) => {
    writeFileSync(file(`${name}.new`), text);
    renameSync(file(`${name}.new`), file(name));
  };
  const adb: FakeAdb = {
    program,
    sdkDir: dir,
    plug: (devices) => put('devices.json', JSON.stringify(devices)),
    die(forGood = false) {
      if (forGood) put('dead', 'yes');
      for (const pid of pids()) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // ended already
        }
      }
    },
    onKill: (serial, pid) => put(`pid-${serial}`, String(pid)),
    trackings: () => {
      made = pids().length;
      return made;
    },
  };
  const pids = () =>
    existsSync(file('pids')) ? readFileSync(file('pids'), 'utf8').trim().split('\n').map(Number) : [];
  adb.plug({});
  return adb;
}

const script = (dir: string) => `
const fs = require('node:fs'), path = require('node:path');
const dir = ${JSON.stringify(dir)};
const read = () => JSON.parse(fs.readFileSync(path.join(dir, 'devices.json'), 'utf8'));
const list = () => Object.entries(read()).map(([serial, { state = 'device' }]) => serial + '\\t' + state + '\\n').join('');
const [command, ...args] = process.argv.slice(2);
if (command === 'version') { process.stdout.write('Android Debug Bridge version 1.0.41\\n'); process.exit(0); }
if (command === 'devices') { process.stdout.write('List of devices attached\\n' + list() + '\\n'); process.exit(0); }
if (command === 'track-devices') {
  fs.appendFileSync(path.join(dir, 'pids'), process.pid + '\\n');
  if (fs.existsSync(path.join(dir, 'dead'))) { process.stderr.write('error: cannot connect to daemon\\n'); process.exit(1); }
  process.stdout.write('* daemon not running; starting now at tcp:5037\\n* daemon started successfully\\n');
  let told = null;
  const tell = () => {
    const text = list();
    if (text === told) return;
    told = text;
    const message = Buffer.byteLength(text).toString(16).padStart(4, '0') + text;
    // in two pieces, as a socket may
    process.stdout.write(message.slice(0, 3));
    setImmediate(() => process.stdout.write(message.slice(3)));
  };
  tell();
  fs.watch(dir, (_, name) => { if (name === 'devices.json') tell(); });
} else if (command === '-s') {
  const [serial, verb, ...words] = args;
  const device = read()[serial];
  if (verb === 'emu' && words[0] === 'kill') {
    const file = path.join(dir, 'pid-' + serial);
    if (fs.existsSync(file)) process.kill(Number(fs.readFileSync(file, 'utf8')), 'SIGTERM');
    process.exit(0);
  }
  if (!device) { process.stderr.write("error: device '" + serial + "' not found\\n"); process.exit(1); }
  const line = words.join(' ');
  const property = { 'sys.boot_completed': device.booted === false ? '' : '1', 'ro.product.model': 'Pixel 8', 'ro.build.version.release': '14', 'ro.kernel.qemu': '' };
  if (verb === 'shell' && line.startsWith('getprop ')) process.stdout.write((property[line.slice(8)] ?? '') + '\\n');
  else if (verb === 'shell' && line === 'dumpsys battery') process.stdout.write('Current Battery Service state:\\n  AC powered: false\\n  present: true\\n  level: ' + (device.battery ?? 100) + '\\n  scale: 100\\n');
  else if (verb === 'shell' && line === 'df -k /data') process.stdout.write('Filesystem 1K-blocks Used Available Use% Mounted on\\n/dev/block/dm-5 1 1 ' + (device.freeMiB ?? 9000) * 1024 + ' 1% /data\\n');
  else { process.stderr.write('adb: unknown: ' + line + '\\n'); process.exit(1); }
}
`;
