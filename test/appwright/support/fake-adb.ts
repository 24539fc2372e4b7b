import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FakeDevice, openDevice } from '../fake-uiautomator2/device.js';

interface Answer {
  code: number;
  output: string;
}

export interface FakeAdb {
  port: number;
  /** Every call, as its arguments. */
  calls: string[][];
  close(): Promise<void>;
}

/**
 * What an `adb` program on PATH talks to: the devices in `root`, by the words of real adb and of a real device's shell. The
 * program itself is three lines of bash, so that a call costs milliseconds.
 */
export async function startFakeAdb(root: string): Promise<FakeAdb> {
  const calls: string[][] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    void serve(socket, root, calls);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // safe because a server that listens on a TCP port has such an address
    port: (server.address() as AddressInfo).port,
    calls,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The adb program that talks to a fake on `port`. */
export function fakeAdbProgram(port: number): string {
  return `#!/usr/bin/env bash
exec 3<>/dev/tcp/127.0.0.1/${port} || exit 1
printf '%s\\0' "$#" "$@" >&3
read -r code <&3
cat <&3
exit "$code"
`;
}

async function serve(socket: Socket, root: string, calls: string[][]): Promise<void> {
  const args = await readArguments(socket);
  calls.push(args);
  const { code, output } = await answer(root, args).catch((error) => ({ code: 1, output: `adb: ${error.message}\n` }));
  socket.end(`${code}\n${output}`);
}

function readArguments(socket: Socket): Promise<string[]> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
      const [count, ...rest] = text.split('\0');
      if (rest.length > Number(count)) resolve(rest.slice(0, Number(count)));
    });
  });
}

async function answer(root: string, args: string[]): Promise<Answer> {
  const devices = readdirSync(root).map((serial) => openDevice(root, serial));
  if (args[0] === 'devices') {
    const lines = devices.map((device) => ({ serial: device.serial, state: device.read().state }));
    const shown = lines.filter(({ state }) => state !== 'gone').map(({ serial, state }) => `${serial}\t${state}\n`);
    return { code: 0, output: `List of devices attached\n${shown.join('')}\n` };
  }
  if (args[0] !== '-s') return { code: 1, output: `adb: unknown command ${args[0]}\n` };
  const device = devices.find(({ serial }) => serial === args[1]);
  const state = device?.read().state ?? 'gone';
  if (!device || state === 'gone') return { code: 1, output: `error: device '${args[1]}' not found\n` };
  if (state !== 'device') return { code: 1, output: `error: device ${state}\n` };
  const [command, ...rest] = args.slice(2);
  if (command === 'install') return install(device, rest);
  if (command === 'uninstall') return uninstall(device, rest[0] ?? '');
  if (command === 'shell') return shell(device, wordsOf(rest.join(' ')));
  return { code: 1, output: `adb: unknown command ${command}\n` };
}

async function install(device: FakeDevice, args: string[]): Promise<Answer> {
  const file = args.at(-1) ?? '';
  if (!existsSync(file)) return { code: 1, output: `adb: failed to stat ${file}: No such file or directory\n` };
  const refusal = device.refusal(file, { downgrade: args.includes('-d') });
  if (refusal)
    return { code: 1, output: `Performing Streamed Install\nadb: failed to install ${file}: Failure [${refusal}]\n` };
  await sleep(device.read().installMs);
  if (device.read().state !== 'device')
    return { code: 1, output: 'adb: failed to read copy response: EOF\nerror: device offline\n' };
  device.install(file);
  return { code: 0, output: 'Performing Streamed Install\nSuccess\n' };
}

function uninstall(device: FakeDevice, name: string): Answer {
  return device.uninstall(name)
    ? { code: 0, output: 'Success\n' }
    : { code: 1, output: 'Failure [DELETE_FAILED_INTERNAL_ERROR]\n' };
}

function shell(device: FakeDevice, words: string[]): Answer {
  const [program, ...rest] = words;
  const name = rest.at(-1) ?? '';
  const app = device.installed(name);
  const folder = app && `/data/app/~~${app.updatedAt.slice(-3)}==/${name}-x==`;
  if (program === 'pm' && rest[0] === 'path')
    return app ? { code: 0, output: `package:${folder}/base.apk\n` } : { code: 1, output: '' };
  if (program === 'pm' && rest[0] === 'clear')
    return device.clear(name) ? { code: 0, output: 'Success\n' } : { code: 1, output: 'Failed\n' };
  if (program === 'dumpsys') {
    const fields = app
      ? `    codePath=${folder}\n    versionCode=${app.versionCode} minSdk=24 targetSdk=34\n    lastUpdateTime=${app.updatedAt}\n`
      : '';
    return { code: 0, output: `Packages:\n${fields}` };
  }
  if (program === 'sha256sum') {
    const installed = name.match(/\/([^/]+)-x==\/base\.apk$/)?.[1] ?? '';
    const hash = createHash('sha256')
      .update(readFileSync(device.apkOf(installed)))
      .digest('hex');
    return { code: 0, output: `${hash}  ${name}\n` };
  }
  return { code: 127, output: `/system/bin/sh: ${program}: inaccessible or not found\n` };
}

/** A line as the device's shell takes it apart, as far as quotes go. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|\\.|[^\s'])+/g)].map(([word]) => word.replace(/'([^']*)'|\\(.)/g, '$1$2'));
}
