import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Environment } from '../../executors/environment.ts';
import { pause } from '../../pause.ts';
import { PreparationError } from '../../preparation-error.ts';
import { signal } from '../../processes/marks.ts';
import type { Log } from '../../settings.ts';
import type { Adb } from '../adb/adb.ts';
import type { DevicePlatform } from '../device-platform.ts';

/** An Android virtual device that this agent starts when there is work for it. */
export interface AvdSettings {
  /** As `emulator -list-avds` has it. */
  name: string;
  /** The emulator's console port: even, 5554 to 5682; adb calls it `emulator-PORT`. */
  port: number;
  /** The snapshot it starts from; the AVD's own choice unless told. */
  snapshot?: string | undefined;
  /** How long it stays without work, 600,000 ms unless told. */
  idleMs?: number | undefined;
  /** How long it may take to boot, 300,000 ms unless told. */
  bootMs?: number | undefined;
}

export interface AvdDeps {
  avd: AvdSettings;
  /** The emulator's program. */
  emulator: string;
  /** With this agent's mark: an emulator that a killed agent left is cleared away by the next. */
  env: Environment;
  adb: Adb;
  /** What it is once it has booted. */
  device: DevicePlatform;
  log: Log;
}

const askMs = 500;
const stopMs = 20_000;

export const serialOf = ({ port }: AvdSettings) => `emulator-${port}`;

/** An emulator that boots, from its snapshot, when an app is asked for, and is stopped when it had no work for a while. */
export function createAvdDevice(deps: AvdDeps): DevicePlatform {
  const { avd, adb, device, log } = deps;
  const serial = serialOf(avd);
  let running: ChildProcess | null = null;
  let booting: Promise<void> | null = null;
  let stopping: Promise<void> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  async function boot(): Promise<void> {
    // what tests change is gone with the emulator: each start is from the same snapshot
    const from = avd.snapshot === undefined ? [] : ['-snapshot', avd.snapshot];
    const args = ['-avd', avd.name, '-port', String(avd.port), ...from, '-no-snapshot-save', '-no-window', '-no-audio'];
    const startedAtMs = performance.now();
    // a group of its own: a Ctrl-C meant for the agent would end it under the job that the agent still lets finish
    const options = { env: deps.env, stdio: 'ignore', detached: true } as const;
    const child = spawn(deps.emulator, [...args, '-no-boot-anim'], options);
    const ended = new AbortController();
    child.once('error', () => ended.abort());
    child.once('exit', () => {
      ended.abort();
      if (running === child) running = null;
    });
    running = child;
    const deadlineMs = startedAtMs + (avd.bootMs ?? 300_000);
    while (!ended.signal.aborted && performance.now() < deadlineMs) {
      const booted = await adb.shell(serial, ['getprop', 'sys.boot_completed']).catch(() => '');
      if (booted.trim() === '1' && !ended.signal.aborted) {
        const seconds = Math.round((performance.now() - startedAtMs) / 1000);
        return log({ level: 'info', message: `The emulator has booted in ${seconds} s`, device: serial });
      }
      await pause(askMs, ended.signal);
    }
    const why = ended.signal.aborted ? 'it ended while it booted' : 'it has not booted in time';
    await stop();
    throw new PreparationError('infra_error', `The emulator ${avd.name} cannot be used: ${why}.`);
  }

  async function ensureRunning(): Promise<void> {
    if (running && !booting) return;
    // its port is free again only once it has ended
    booting ??= stopping.then(boot).finally(() => {
      booting = null;
    });
    await booting;
  }

  function stop(): Promise<void> {
    clearTimeout(idle);
    stopping = end();
    return stopping;
  }

  async function end(): Promise<void> {
    const child = running;
    running = null;
    const pid = child?.pid;
    if (!child || child.exitCode !== null || child.signalCode !== null || pid === undefined) return;
    const exited = once(child, 'exit');
    await adb.run(serial, ['emu', 'kill']).catch(() => undefined);
    const patience = setTimeout(() => signal(-pid, 'SIGKILL'), stopMs);
    await exited;
    clearTimeout(patience);
  }

  return {
    async confirms(app) {
      await ensureRunning();
      return device.confirms(app);
    },
    async install(app, signal, options) {
      await ensureRunning();
      signal.throwIfAborted();
      return device.install(app, signal, options);
    },
    testedApp: () => device.testedApp(),
    setBusy(busy) {
      clearTimeout(idle);
      if (busy) return;
      idle = setTimeout(() => {
        log({ level: 'info', message: 'The emulator had no work and is stopped', device: serial });
        void stop();
      }, avd.idleMs ?? 600_000);
    },
    async close() {
      await stop();
      await device.close();
    },
  };
}
