import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AndroidHost, findAndroidHost } from '../android-environment.ts';
import { findAppwright } from '../executors/appwright/project.ts';
import { childEnvironment, type Environment } from '../executors/environment.ts';
import type { AndroidSettings } from '../settings.ts';
import type { MachineCheck } from './machine.ts';

export interface AndroidExamination {
  android: AndroidSettings;
  /** Whose AppWright is looked at, where it has any. */
  projectDir: string;
  environment: NodeJS.ProcessEnv;
}

/** Whether this machine looks like one beside Android devices. */
export function seemsAndroidHost(environment: NodeJS.ProcessEnv): boolean {
  return Boolean(environment.ANDROID_HOME || environment.ANDROID_SDK_ROOT);
}

/** Looks at what Android devices need beside what every agent does. Never rejects. */
export async function examineAndroid({
  android,
  projectDir,
  environment,
}: AndroidExamination): Promise<MachineCheck[]> {
  const host = findAndroidHost(android, environment);
  const env = childEnvironment(host.env, environment);
  const [adb, java, aapt, appium, port] = await Promise.all([
    checkTool('adb', host.adb, 'platform-tools', env),
    checkJava(env),
    checkTool('aapt', host.aapt, 'build-tools', env),
    checkAppium(host, env),
    checkPort(host.hubPort),
  ]);
  return [adb, java, aapt, ...appium, port, ...checkProject(projectDir)];
}

/** A program of the SDK. One from PATH does for the agent; Appium and AppWright look nowhere but in the SDK that is named. */
async function checkTool(name: string, program: string, part: string, env: Environment): Promise<MachineCheck> {
  const advice = `Install ${part} into the Android SDK and set ANDROID_HOME.`;
  const sdk = env.ANDROID_HOME;
  if (sdk && !program.startsWith(`${join(sdk, part)}/`))
    return { name, ok: false, detail: `there is none in ${join(sdk, part)}`, advice };
  const said = await sayOf(program, ['version'], env);
  if (said === null) return { name, ok: false, detail: `${program} cannot be run`, advice };
  return { name, ok: true, detail: `${said.split('\n', 1)[0]} (${program})` };
}

async function checkJava(env: Environment): Promise<MachineCheck> {
  const advice = 'Install a JDK (17 or newer) and set JAVA_HOME to it.';
  const home = env.JAVA_HOME;
  if (!home) return { name: 'JAVA_HOME', ok: false, detail: 'not set', advice };
  if (existsSync(join(home, 'bin', 'java'))) return { name: 'JAVA_HOME', ok: true, detail: home };
  return { name: 'JAVA_HOME', ok: false, detail: `there is no bin/java in ${home}`, advice };
}

async function checkAppium(host: AndroidHost, env: Environment): Promise<MachineCheck[]> {
  const advice = 'npm install -g appium@2.19, or name one under android.appium.';
  const [program, before] = /\.[cm]?js$/.test(host.appium) ? [process.execPath, [host.appium]] : [host.appium, []];
  const version = await sayOf(program, [...before, '--version'], env);
  if (version === null) return [{ name: 'appium', ok: false, detail: `${host.appium} cannot be run`, advice }];
  const listed = await sayOf(program, [...before, 'driver', 'list', '--installed', '--json'], env);
  const driver = driverVersion(listed ?? '');
  const appium = { name: 'appium', ok: true, detail: `${version} (${host.appium})` };
  if (driver !== null) return [appium, { name: 'uiautomator2 driver', ok: true, detail: driver }];
  const needed = version.startsWith('2.')
    ? 'appium driver install uiautomator2@3'
    : 'appium driver install uiautomator2';
  return [
    appium,
    { name: 'uiautomator2 driver', ok: false, detail: 'not installed', advice: `${needed}, with this APPIUM_HOME.` },
  ];
}

function driverVersion(listed: string): string | null {
  try {
    const version: unknown = JSON.parse(listed).uiautomator2?.version;
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}

async function checkPort(port: number): Promise<MachineCheck> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return { name: 'appium port', ok: true, detail: `${port} is free` };
  } catch {
    const advice = 'Stop the Appium that has it; an agent that runs here has it rightly.';
    return { name: 'appium port', ok: false, detail: `${port} is taken`, advice };
  } finally {
    server.close();
  }
}

/** Nothing where the project is none of AppWright's. */
function checkProject(projectDir: string): MachineCheck[] {
  if (!existsSync(join(projectDir, 'node_modules', 'appwright'))) return [];
  const found = findAppwright(projectDir);
  if (typeof found !== 'string') return [{ name: 'appwright', ok: true, detail: `${projectDir} can be run` }];
  return [{ name: 'appwright', ok: false, detail: `${projectDir} cannot be run`, advice: found }];
}

/** What a program prints; null where it cannot be run or fails. */
async function sayOf(program: string, args: string[], env: Environment): Promise<string | null> {
  return promisify(execFile)(program, args, { env, timeout: 60_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}
