import { execFile } from 'node:child_process';
import type { Environment } from '../../executors/environment.ts';
import { AdbError, tellsDeviceGone } from './adb-error.ts';

const maxOutputBytes = 16 * 1024 * 1024;
/** For what a healthy device answers at once. */
const shortMs = 20_000;

export interface AdbCall {
  /** 20,000 unless told. */
  timeoutMs?: number | undefined;
  /** Gives the call up; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** The devices beside this machine, through the `adb` program. Every call ends within its time limit. */
export interface Adb {
  /**
   * Runs `adb -s SERIAL …`; resolves with what it printed on stdout.
   * @throws AdbError, or the signal's reason
   */
  run(serial: string, args: readonly string[], call?: AdbCall): Promise<string>;
  /** Runs a command on the device. Each word arrives there as it is, whatever it holds. @throws as `run` */
  shell(serial: string, words: readonly string[], call?: AdbCall): Promise<string>;
  /** Every device adb lists, with adb's own word for its state: `device` is the one that can be used. @throws AdbError */
  list(call?: AdbCall): Promise<{ serial: string; state: string }[]>;
}

export interface AdbDeps {
  /** The adb program: a path, or a name looked up in the environment's PATH. */
  program: string;
  /** adb starts a daemon that outlives the call: nothing in here may mark it as a process of one run or of this agent. */
  env: Environment;
}

export function createAdb({ program, env }: AdbDeps): Adb {
  const run: Adb['run'] = (serial, args, call = {}) => runAdb(['-s', serial, ...args], call);

  async function runAdb(args: readonly string[], { timeoutMs = shortMs, signal }: AdbCall): Promise<string> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const options = { env, timeout: timeoutMs, maxBuffer: maxOutputBytes, killSignal: 'SIGKILL', signal } as const;
      const child = execFile(program, [...args], options, (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        if (signal?.aborted) return reject(signal.reason);
        reject(asAdbError(program, args, error, `${stdout}${stderr}`, timeoutMs));
      });
      child.stdin?.end();
    });
  }

  return {
    run,
    shell: (serial, words, call) => run(serial, ['shell', words.map(quote).join(' ')], call),
    async list(call = {}) {
      return parseDevices(await runAdb(['devices'], call));
    },
  };
}

const whereFrom =
  "Install Android's platform-tools, and set ANDROID_HOME or 'android.sdk' in the agent's file; 'qgjob doctor' tells what else is missing.";

function asAdbError(
  program: string,
  args: readonly string[],
  error: Error & { code?: string | number | null; killed?: boolean },
  output: string,
  timeoutMs: number,
): AdbError {
  const command = `adb ${args.slice(0, 4).join(' ')}`;
  const said = output.trim().slice(-2000);
  if (error.killed)
    return new AdbError('timed_out', `${command} gave no answer in ${timeoutMs / 1000} s.`, said, error);
  if (typeof error.code === 'string')
    return new AdbError('unavailable', `${program} cannot be run (${error.code}). ${whereFrom}`, said, error);
  const failure = tellsDeviceGone(said) ? 'device_gone' : 'failed';
  return new AdbError(failure, `${command}: ${said || `exit code ${error.code}`}`, said, error);
}

/** The lines of `adb devices`, and of each message of `adb track-devices`. What adb says of its daemon is no device. */
export function parseDevices(text: string): { serial: string; state: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, serial, state] = line.match(/^(\S+)\t(.+?)\s*$/) ?? [];
    return serial && state ? [{ serial, state }] : [];
  });
}

/** A word for the device's shell, which adb hands all words to as one line. */
function quote(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
