import type { DeviceSpec } from '../contract/agent.ts';
import type { FitnessLimits } from './devices/discovery/fitness.ts';
import type { AvdSettings } from './devices/emulators/avd.ts';
import type { CommandSettings } from './executors/command/command.ts';
import type { JobLimits } from './executors/executor.ts';

export type ExecutorName = 'playwright' | 'appwright' | 'command';

/** `model` names one of Playwright's device descriptors, such as 'Pixel 7', where `platform` is `web`. */
export interface DeviceSettings extends DeviceSpec {
  /** What adb calls the device; its id unless told. */
  serial?: string | undefined;
  /** What runs its tests: by the platform unless told, see equipment.ts. */
  executor?: ExecutorName | undefined;
  /** An emulator that is started for work and stopped without; `serial` is `emulator-PORT` then. */
  avd?: AvdSettings | undefined;
  /** What the executor `command` runs. */
  command?: CommandSettings | undefined;
}

/** What an agent beside Android devices has. Everything is optional where the environment tells it. */
export interface AndroidSettings {
  /** The Android SDK; ANDROID_HOME or ANDROID_SDK_ROOT unless told. */
  sdkDir?: string | undefined;
  /** JAVA_HOME unless told. */
  javaHome?: string | undefined;
  /** Appium: its main file (.js) or a program; `appium` from PATH unless told. */
  appium?: string | undefined;
  /** Where Appium's drivers are; APPIUM_HOME, or Appium's own choice, unless told. */
  appiumHome?: string | undefined;
  /** Where test runners find Appium: 4723 unless told, which is the only one AppWright looks at by itself. */
  hubPort?: number | undefined;
  /** How often Appium is asked for its health, and how long it may take to answer: 10,000 unless told. */
  healthMs?: number | undefined;
  /** Whether every device that adb sees is served, while it is there; only those in `devices` unless told. */
  discover?: boolean | undefined;
  /** What some of them are called, by their serial. */
  known?: DeviceSettings[] | undefined;
  /** What such a device must have to be given work. */
  fitness?: Partial<FitnessLimits> | undefined;
  /** How often such a device is looked at, and how long one may be away before it is gone: every 60,000, and 4,000. */
  watching?: { lookMs?: number; awayMs?: number } | undefined;
}

/** A BrowserStack account. The key stays in this agent: runners ask for sessions at a hub of the agent's. */
export interface BrowserstackSettings {
  username: string;
  accessKey: string;
  /** The devices sessions ask for, by BrowserStack's names: the parallels are dealt out to them in turn. */
  devices: readonly [BrowserstackModel, ...BrowserstackModel[]];
  /** How many parallels of the plan this agent uses at most, 25 unless told. */
  maxParallels?: number | undefined;
  /** How often the plan is asked for, 15,000 ms unless told. */
  pollMs?: number | undefined;
  /** Where App Automate's interface and hub are; BrowserStack's own unless told. */
  apiUrl?: string | undefined;
  hubUrl?: string | undefined;
  /** How long a runner is kept waiting for a parallel before it is ended to be run again: 200,000 ms unless told. */
  holdMs?: number | undefined;
}

export interface BrowserstackModel {
  name: string;
  osVersion: string;
  platform: 'android' | 'ios';
  labels?: string[] | undefined;
}

export interface LogEntry {
  level: 'info' | 'warn' | 'error';
  message: string;
  [detail: string]: unknown;
}

export type Log = (entry: LogEntry) => void;

export interface AgentSettings {
  serverUrl: string;
  apiKey: string;
  /** Shown in lists; need not be unique. */
  name: string;
  labels?: string[] | undefined;
  devices: DeviceSettings[];
  /** Caches, workspaces and install ledgers: one agent at a time. Made when missing. */
  workDir: string;
  log: Log;
  android?: AndroidSettings | undefined;
  browserstack?: BrowserstackSettings | undefined;
  /** Browser to use whatever the projects bring. */
  chromium?: string | undefined;
  /** Where jobs that bring no bundle run: this process's working directory unless told. */
  projectDir?: string | undefined;
  /** Further environment variables for the tests; nothing else of the agent's own is handed on, see executors/environment. */
  testEnvironment?: Record<string, string> | undefined;
  limits?: Partial<JobLimits> | undefined;
  /** False: runners are held by process groups and marks, even where PID namespaces could hold them. */
  pidNamespaces?: boolean | undefined;
  /** How long the first registration may take while the server cannot be reached, 60,000 unless told. */
  connectTimeoutMs?: number | undefined;
}

export interface RunningAgent {
  /** The id of the present registration: it changes when the server has forgotten the agent. */
  readonly agentId: string;
  /** Resolves when the agent has ended by itself or was asked to; rejects when the server no longer admits it. */
  readonly finished: Promise<void>;
  /** Finishes the running jobs, gives back the rest, ends. */
  drain(): Promise<void>;
  /** Ends the running jobs at once, gives them back, ends. */
  stop(): Promise<void>;
}
