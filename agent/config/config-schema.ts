import { z } from 'zod';
import { DeviceSpec } from '../../contract/agent.ts';
import { line } from '../../contract/words.ts';
import { placeholders, unknownPlaceholders } from '../executors/command/command.ts';

const template = z
  .string()
  .min(1)
  .refine((text) => unknownPlaceholders(text).length === 0, {
    error: ({ input }) =>
      `unknown placeholder {${unknownPlaceholders(String(input))[0]}}; known are ${Object.keys(placeholders).join(', ')}`,
  });

const Command = z.strictObject({
  argv: z.tuple([template], template, 'a list: the program, then its arguments'),
  report: template
    .refine(
      (path) => !/^[./]*$/.test(path),
      'a file or a folder of its own: what lies there is removed before each run',
    )
    .optional(),
  env: z.record(z.string(), z.string()).optional(),
});

const Avd = z
  .strictObject({
    name: line(128),
    port: z
      .int()
      .min(5554)
      .max(5682)
      .refine((port) => port % 2 === 0, 'an even number from 5554 to 5682'),
    snapshot: line(128).optional(),
    idle_minutes: z.number().min(1).max(1440).optional(),
  })
  .transform(({ idle_minutes, ...avd }) => ({
    ...avd,
    ...(idle_minutes === undefined ? {} : { idleMs: idle_minutes * 60_000 }),
  }));

const described = {
  serial: line(128).optional(),
  executor: z.enum(['playwright', 'appwright', 'command']).optional(),
  command: Command.optional(),
  avd: Avd.optional(),
};

const needsCommand = (device: { executor?: string | undefined; command?: unknown }) =>
  device.executor !== 'command' || device.command !== undefined;
const withoutCommand = { error: 'the executor command needs a command', path: ['command'] };

const Device = DeviceSpec.extend(described)
  .refine(needsCommand, withoutCommand)
  .refine(({ target }) => target !== 'browserstack', {
    error: 'devices of BrowserStack are listed under browserstack',
    path: ['target'],
  });

/** A device twice would be two jobs at once on it, each with its own idea of what is installed. */
const oneSerialEach = (
  devices: readonly { id: string; platform: string; serial?: string | undefined; avd?: { port: number } | undefined }[],
) => {
  const local = devices.filter(({ platform }) => platform !== 'web');
  return (
    new Set(local.map(({ id, serial, avd }) => (avd ? `emulator-${avd.port}` : (serial ?? id)))).size === local.length
  );
};

const differ = (devices: readonly { id: string }[]) => new Set(devices.map(({ id }) => id)).size === devices.length;

/**
 * A configuration file's settings. Where a secret is needed the file names an environment variable, whose value takes the
 * name's place here.
 */
export const ConfigFile = (environment: NodeJS.ProcessEnv) => {
  const secret = z
    .string()
    .refine((name) => (environment[name] ?? '') !== '', {
      error: ({ input }) => `the environment variable ${String(input)} is not set`,
    })
    .transform((name) => environment[name] ?? '');
  return z
    .strictObject({
      server: z.url({ protocol: /^https?$/, error: 'an address that begins with http:// or https://' }).optional(),
      api_key_env: secret.optional(),
      name: line(128).optional(),
      labels: z.array(line(64)).max(32).optional(),
      work_dir: z.string().min(1).optional(),
      project_dir: z.string().min(1).optional(),
      chromium: z.string().min(1).optional(),
      test_environment: z.record(z.string(), z.string()).optional(),
      pid_namespaces: z.boolean().optional(),
      devices: z
        .array(Device)
        .max(256)
        .refine(differ, 'device ids must differ')
        .refine(oneSerialEach, 'two of them are one device: serials, and the ports of avd, must differ')
        .default([]),
      android: z
        .strictObject({
          sdk: z.string().min(1).optional(),
          java_home: z.string().min(1).optional(),
          appium: z.string().min(1).optional(),
          appium_home: z.string().min(1).optional(),
          hub_port: z.int().min(1).max(65_535).optional(),
          discover: z.boolean().optional(),
          min_battery_percent: z.int().min(0).max(100).optional(),
          min_free_mib: z.int().min(0).optional(),
          devices: z.array(Device).max(256).refine(differ, 'device ids must differ').optional(),
        })
        .refine((android) => !android.devices || android.discover, {
          error: 'these say what discovered devices are called: they need discover: true',
          path: ['devices'],
        })
        .optional(),
      browserstack: z
        .strictObject({
          username_env: secret.prefault('BROWSERSTACK_USERNAME'),
          access_key_env: secret.prefault('BROWSERSTACK_ACCESS_KEY'),
          max_parallels: z.int().min(1).max(250).optional(),
          api_url: z.url({ protocol: /^https?$/ }).optional(),
          hub_url: z.url({ protocol: /^https?$/ }).optional(),
          devices: z.tuple([Model], Model, 'a list of at least one device'),
        })
        .optional(),
    })
    .refine(({ devices, android, browserstack }) => devices.length > 0 || android?.discover || browserstack, {
      error: 'no device: list some under devices, or set android.discover, or browserstack',
    });
};

const Model = z
  .strictObject({
    name: line(128),
    os_version: line(32),
    platform: z.enum(['android', 'ios']),
    labels: z.array(line(64)).max(32).optional(),
  })
  .transform(({ os_version: osVersion, ...model }) => ({ ...model, osVersion }));

export type ConfigFileContent = z.output<ReturnType<typeof ConfigFile>>;
