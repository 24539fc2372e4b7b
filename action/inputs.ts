import { parseDuration } from '../client/duration.ts';
import { type FailOn, failOnChoices } from '../client/exit-codes.ts';
import { InvalidValue } from '../client/invalid-value.ts';
import type { Wish } from '../client/submission.ts';
import { parseDevice, parsePriority, parseRetries } from '../client/submission-values.ts';
import { resets, targets } from '../contract/names.ts';

/** Every input of action.yml. */
export const inputNames = [
  'server-url',
  'org-id',
  'api-key',
  'app-version-id',
  'app-file',
  'tests',
  'target',
  'devices',
  'project',
  'priority',
  'retries',
  'infra-retries',
  'timeout',
  'queue-timeout',
  'wait',
  'cancel-on-abort',
  'supersede',
  'carry-over',
  'side-effects',
  'fail-on',
  'reset',
  'working-directory',
  'check-name',
  'annotations',
  'report-dir',
  'head-sha',
  'fail-on-untrusted',
  'fallback',
  'matrix',
  'check-run-id',
] as const;
type InputName = (typeof inputNames)[number];

/** What the workflow asked for. */
export interface Inputs {
  serverUrl: string;
  /** Undefined: the organisation of the API key. */
  orgId: string | undefined;
  /** Undefined: authenticate by OIDC. */
  apiKey: string | undefined;
  /** `app` may be a glob. */
  wish: Wish;
  wait: boolean;
  cancelOnAbort: boolean;
  /** Undefined: as suits the event. */
  supersede: boolean | undefined;
  carryOver: boolean;
  sideEffects: boolean;
  failOn: FailOn;
  /** Undefined: named after the workflow's job. */
  checkName: string | undefined;
  annotations: boolean;
  reportDir: string | undefined;
  headSha: string | undefined;
  failOnUntrusted: boolean;
  fallback: 'none' | 'local';
  /** The matrix of this job as JSON; `null` without one. */
  matrix: string;
  /** This job's check run; undefined where the runner does not tell. */
  checkRunId: number | undefined;
}

/** Inputs that cannot be: every complaint at once, each with what to write. */
export class InvalidInputs extends Error {
  override readonly name = 'InvalidInputs';
  readonly complaints: readonly string[];
  constructor(complaints: readonly string[]) {
    super(
      `${complaints.length === 1 ? 'An input' : `${complaints.length} inputs`} of this step cannot be used:\n${complaints.map((c) => `- ${c}`).join('\n')}`,
    );
    this.complaints = complaints;
  }
}

/** Reads all inputs. An input left empty counts as not given, as on GitHub. @throws InvalidInputs naming each that cannot be */
export function readInputs(get: (name: string) => string): Inputs {
  const complaints: string[] = [];
  const text = (name: InputName) => get(name).trim() || undefined;

  function attempt<T>(name: InputName, value: string, parse: (value: string) => T): T | undefined {
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      complaints.push(`${name}: ${JSON.stringify(value)} will not do. ${error.message}`);
      return undefined;
    }
  }
  function read<T>(name: InputName, parse: (value: string) => T): T | undefined {
    const value = text(name);
    return value === undefined ? undefined : attempt(name, value, parse);
  }
  function need(name: InputName, example: string): string {
    const value = text(name);
    if (value === undefined) complaints.push(`${name} is missing. Write for example:  ${name}: ${example}`);
    return value ?? '';
  }
  const flag = (name: InputName, otherwise: boolean) => read(name, parseBoolean) ?? otherwise;

  const apiKey = text('api-key');
  const serverUrl = need('server-url', 'https://qgjob.example.com') && read('server-url', parseServerUrl);
  if (!apiKey) need('org-id', 'qualgent   (needed when api-key is left out)');
  const tests = lines(need('tests', 'tests/**/*.spec.ts'));
  if (text('tests') && tests.length === 0)
    complaints.push('tests has nothing but comments. Write at least one line without #.');
  if (!text('app-version-id') && !text('app-file')) {
    complaints.push(
      'app-version-id and app-file are both missing. Write the build to test,  app-file: app/build/outputs/apk/app.apk , or the id of one that the server has,  app-version-id: 1.2.3',
    );
  }
  const devices = lines(text('devices') ?? '').flatMap((line) => attempt('devices', line, parseDevice) ?? []);
  const inputs: Inputs = {
    serverUrl: serverUrl ?? '',
    orgId: text('org-id'),
    apiKey,
    wish: {
      tests,
      projectDir: text('working-directory'),
      appVersionId: text('app-version-id'),
      app: text('app-file'),
      target: read('target', oneOf(targets)) ?? 'emulator',
      priority: read('priority', parsePriority),
      project: text('project'),
      devices: devices.length > 0 ? devices : undefined,
      retries: read('retries', parseRetries),
      infraRetries: read('infra-retries', parseRetries),
      timeoutSeconds: read('timeout', parseDuration),
      queueTimeoutSeconds: read('queue-timeout', parseDuration),
      reset: read('reset', oneOf(resets)),
    },
    wait: flag('wait', true),
    cancelOnAbort: flag('cancel-on-abort', true),
    supersede: read('supersede', parseBoolean),
    carryOver: flag('carry-over', true),
    sideEffects: flag('side-effects', false),
    failOn: read('fail-on', oneOf(failOnChoices)) ?? 'infra',
    checkName: text('check-name'),
    annotations: flag('annotations', true),
    reportDir: text('report-dir'),
    headSha: read('head-sha', parseSha),
    failOnUntrusted: flag('fail-on-untrusted', false),
    fallback: read('fallback', oneOf(['none', 'local'] as const)) ?? 'none',
    matrix: text('matrix') ?? 'null',
    checkRunId: read('check-run-id', parseId),
  };
  if (complaints.length > 0) throw new InvalidInputs(complaints);
  return inputs;
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function oneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new InvalidValue(`Write one of ${choices.join(', ')}.`);
  };
}

function parseBoolean(text: string): boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  throw new InvalidValue('Write true or false.');
}

function parseServerUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '') {
    return url.href.replace(/\/+$/, '');
  }
  throw new InvalidValue('Write an address like https://qgjob.example.com, without query and credentials.');
}

function parseSha(text: string): string {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) return text;
  throw new InvalidValue('Write a full commit SHA, 40 hexadecimal digits.');
}

function parseId(text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new InvalidValue('Leave it out: it is set by itself.');
}
