import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPairs, summaryComplaint } from './file-commands.ts';
import type { Secrets } from './secrets.ts';
import { createStepLog, type StepLog } from './step-log.ts';
import { type SignalTimes, type StepProcess, startProcess } from './step-process.ts';

/** What a runner has after main, or after post. */
export interface Phase extends Omit<StepLog, 'take' | 'fail'> {
  /** The signal's name where one ended it. */
  exitCode: number | NodeJS.Signals;
  /** As shown on the run's page; '' where there is none or it was too large. */
  summary: string;
  /** What it left in GITHUB_ENV. */
  env: Record<string, string>;
  /** Each secret that stands unmasked in something, with the place: none, in an action that is right. */
  secretsSeen: string[];
}

interface PhaseOrder {
  name: 'main' | 'post';
  script: string;
  workspace: string;
  temporaryFolder: string;
  env: Record<string, string>;
  secrets: Secrets;
  signalTimes: SignalTimes;
  started(process: StepProcess): void;
  shown(line: string): void;
}

const files = ['output', 'state', 'env', 'path', 'step_summary'] as const;

/** Runs one script of an action to its end and reads what it said and wrote. */
export async function runPhase(order: PhaseOrder): Promise<Phase> {
  const { name, secrets, workspace } = order;
  const folder = mkdtempSync(join(order.temporaryFolder, `${name}-`));
  const fileEnvironment: Record<string, string> = {};
  for (const file of files) {
    fileEnvironment[`GITHUB_${file.toUpperCase()}`] = join(folder, file);
    writeFileSync(join(folder, file), '');
  }
  const raw: Record<string, string> = {};
  const log = createStepLog({ workspace, secrets, shown: order.shown });
  const started = startProcess({
    script: order.script,
    cwd: workspace,
    env: { ...order.env, ...fileEnvironment },
    signalTimes: order.signalTimes,
    line(from, text) {
      const executedBefore = log.executed.length;
      log.take(text);
      // the one line that has to hold a secret, and that nobody is shown
      const isMask = log.executed.slice(executedBefore).some(({ command }) => command === 'add-mask');
      if (!isMask) raw[from] = `${raw[from] ?? ''}${text}\n`;
    },
  });
  order.started(started);
  const exitCode = await started.ended;

  for (const file of files) raw[file] = readFileSync(join(folder, file), 'utf8');
  const pairsOf = (file: (typeof files)[number]): Record<string, string> => {
    try {
      return readPairs(raw[file] ?? '');
    } catch (error) {
      log.fail(`Unable to process file command '${file}' successfully. ${String(error)}`);
      return {};
    }
  };
  const summary = raw.step_summary ?? '';
  const complaint = summaryComplaint(Buffer.byteLength(summary));
  Object.assign(log.outputs, pairsOf('output'));
  Object.assign(log.state, pairsOf('state'));
  const env = pairsOf('env');
  if (complaint) log.fail(complaint);
  return {
    ...log,
    exitCode,
    env,
    summary: complaint ? '' : secrets.mask(summary),
    secretsSeen: Object.entries(raw).flatMap(([place, text]) =>
      secrets.seenIn(text).map((secret) => `${secret} in ${place} of ${name}`),
    ),
  };
}
