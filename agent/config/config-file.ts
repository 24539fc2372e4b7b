import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { serialOf } from '../devices/emulators/avd.ts';
import type { AgentSettings } from '../settings.ts';
import { ConfigFile, type ConfigFileContent } from './config-schema.ts';

const maxBytes = 1024 * 1024;

/** A configuration file that cannot be used: one line per complaint, each with file and line. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
  readonly complaints: readonly string[];
  constructor(file: string, complaints: readonly string[]) {
    super(`${file} cannot be used`);
    this.complaints = complaints;
  }
}

type FromFile =
  | 'serverUrl'
  | 'apiKey'
  | 'name'
  | 'labels'
  | 'workDir'
  | 'projectDir'
  | 'chromium'
  | 'testEnvironment'
  | 'pidNamespaces';

/** What a file says; the rest is for flags and defaults. */
export type FileSettings = Pick<AgentSettings, 'devices' | 'android' | 'browserstack'> & {
  [setting in FromFile]: AgentSettings[setting] | undefined;
};

/**
 * Reads an agent's settings from a YAML file; paths in it are relative to it. Secrets are never in the file: it names
 * environment variables, looked up in `environment`.
 * @throws ConfigFileError with everything that is wrong with it at once
 */
export async function readConfigFile(file: string, environment: NodeJS.ProcessEnv): Promise<FileSettings> {
  const content = await readFile(file, 'utf8').catch((error) => {
    throw new ConfigFileError(file, [`${file}: it cannot be read (${error.code}).`]);
  });
  if (content.length > maxBytes) throw new ConfigFileError(file, [`${file}: it is too large to be one.`]);
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, uniqueKeys: true });
  const at = (offset: number | undefined) => (offset === undefined ? file : `${file}:${lines.linePos(offset).line}`);
  if (document.errors.length > 0) {
    const said = document.errors.map(({ message, pos }) => `${at(pos[0])}: ${message.split('\n', 1)[0]}`);
    throw new ConfigFileError(file, said);
  }
  const parsed = ConfigFile(environment).safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (parsed.success) return toSettings(parsed.data, dirname(resolve(file)));
  const complaints = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const place = at(offsetOf(path));
    if (issue.code !== 'unrecognized_keys') return [`${place}: ${[...path].join('.') || 'the file'}: ${issue.message}`];
    return issue.keys.map(
      (key) => `${at(offsetOf([...path, key]))}: ${[...path, key].join('.')}: there is no such setting.`,
    );
  });
  throw new ConfigFileError(file, complaints);

  /** Where a value is, or the nearest one around it that is there. */
  function offsetOf(path: (string | number)[]): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return undefined;
  }
}

function toSettings(file: ConfigFileContent, folder: string): FileSettings {
  const { android, browserstack } = file;
  const path = (given: string | undefined) => (given === undefined ? undefined : resolve(folder, given));
  const { devices: known = [], ...station } = android ?? {};
  return {
    serverUrl: file.server,
    apiKey: file.api_key_env,
    name: file.name,
    labels: file.labels,
    workDir: path(file.work_dir),
    projectDir: path(file.project_dir),
    chromium: path(file.chromium),
    testEnvironment: file.test_environment,
    pidNamespaces: file.pid_namespaces,
    devices: file.devices.map((device) => (device.avd ? { ...device, serial: serialOf(device.avd) } : device)),
    ...(android
      ? {
          android: {
            sdkDir: path(station.sdk),
            javaHome: path(station.java_home),
            appium: station.appium,
            appiumHome: path(station.appium_home),
            hubPort: station.hub_port,
            discover: station.discover,
            known,
            fitness: {
              ...(station.min_battery_percent === undefined ? {} : { minBattery: station.min_battery_percent }),
              ...(station.min_free_mib === undefined ? {} : { minFreeMiB: station.min_free_mib }),
            },
          },
        }
      : {}),
    ...(browserstack
      ? {
          browserstack: {
            username: browserstack.username_env,
            accessKey: browserstack.access_key_env,
            maxParallels: browserstack.max_parallels,
            apiUrl: browserstack.api_url,
            hubUrl: browserstack.hub_url,
            devices: browserstack.devices,
          },
        }
      : {}),
  };
}
