import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { childEnvironment, type Environment } from './executors/environment.ts';
import type { AndroidSettings } from './settings.ts';

/** Where this machine has what Android devices need. Programs that were not found are plain names, for PATH to tell. */
export interface AndroidHost {
  adb: string;
  /** Starts virtual devices. */
  emulator: string;
  /** Reads what an APK says of itself. */
  aapt: string;
  /** Appium's main file or program. */
  appium: string;
  hubPort: number;
  /** For runners and Appium: the SDK, Java, Appium's drivers, and the SDK's programs in PATH. */
  env: Environment;
  /** For adb, whose daemon outlives every run and this agent: the same, and never with a mark of theirs. */
  adbEnv: Environment;
}

/** Finds them by the settings, then by the environment (ANDROID_HOME, ANDROID_SDK_ROOT, JAVA_HOME, APPIUM_HOME, PATH). */
export function findAndroidHost(settings: AndroidSettings, own: NodeJS.ProcessEnv = process.env): AndroidHost {
  const sdkDir = settings.sdkDir ?? own.ANDROID_HOME ?? own.ANDROID_SDK_ROOT;
  const javaHome = settings.javaHome ?? own.JAVA_HOME;
  const appiumHome = settings.appiumHome ?? own.APPIUM_HOME;
  const tools = sdkDir ? join(sdkDir, 'platform-tools') : undefined;
  const env: Environment = {
    PATH: [tools, childEnvironment({}, own).PATH].filter(Boolean).join(delimiter),
    ...(sdkDir ? { ANDROID_HOME: sdkDir, ANDROID_SDK_ROOT: sdkDir } : {}),
    ...(javaHome ? { JAVA_HOME: javaHome } : {}),
    ...(appiumHome ? { APPIUM_HOME: appiumHome } : {}),
  };
  return {
    adb: firstExisting([tools && join(tools, 'adb')]) ?? 'adb',
    emulator: firstExisting([sdkDir && join(sdkDir, 'emulator', 'emulator')]) ?? 'emulator',
    aapt: (sdkDir && newestBuildTool(sdkDir, 'aapt')) || 'aapt',
    appium: settings.appium ?? 'appium',
    hubPort: settings.hubPort ?? 4723,
    env,
    adbEnv: childEnvironment(env, own),
  };
}

function newestBuildTool(sdkDir: string, name: string): string | undefined {
  const folder = join(sdkDir, 'build-tools');
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  const newestFirst = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return firstExisting(newestFirst.map((version) => join(folder, version, name)));
}

function firstExisting(files: (string | undefined)[]): string | undefined {
  return files.find((file) => file !== undefined && existsSync(file));
}
