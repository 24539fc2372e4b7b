import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { JunitReport } from './junit.ts';

const MiB = 1024 ** 2;
const maxReportBytes = 64 * MiB;
const maxFiles = 200;
/** For one report; the largest above take a second. */
const parseMs = 20_000;
const worker = new URL(`./junit-worker${extname(import.meta.url)}`, import.meta.url);

/** A report that is there and cannot be read; the message says why. */
export class UnreadableReport extends Error {
  override readonly name = 'UnreadableReport';
}

/** A report with the folder its attachments are relative to. */
export interface FoundReport extends JunitReport {
  folder: string;
}

/**
 * Every report at `path`: that file, or all .xml files in that folder, however deep. Each is parsed in a thread of its own,
 * within limits of size, memory and time. Empty where there is none. @throws UnreadableReport
 */
export async function readReports(path: string): Promise<FoundReport[]> {
  const files = await reportFiles(path);
  let bytes = 0;
  const reports: FoundReport[] = [];
  for (const file of files) {
    bytes += (await stat(file)).size;
    if (bytes > maxReportBytes) throw new UnreadableReport(`it is larger than ${maxReportBytes / MiB} MiB`);
    reports.push({ ...(await parseApart(await readFile(file, 'utf8'))), folder: dirname(file) });
  }
  return reports;
}

/** Where reports are, as `readReports` looks for them. @throws UnreadableReport where there are too many */
export async function reportFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (!found) return [];
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.xml'))
    .map((entry) => join(entry.parentPath, entry.name));
  if (files.length > maxFiles) throw new UnreadableReport(`there are more than ${maxFiles} files in ${path}`);
  return files.sort();
}

async function parseApart(text: string): Promise<JunitReport> {
  const thread = new Worker(worker, {
    workerData: text,
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
    env: {},
    stdout: true,
    stderr: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<JunitReport>();
  const giveUp = setTimeout(() => reject(new UnreadableReport(`it took longer than ${parseMs / 1000} s`)), parseMs);
  thread.once('message', (told: { report: JunitReport } | { error: string }) => {
    if ('report' in told) resolve(told.report);
    else reject(new UnreadableReport(told.error));
  });
  thread.once('error', (error) => reject(new UnreadableReport(error.message)));
  thread.once('exit', (code) => reject(new UnreadableReport(`its reader ended with ${code}`)));
  try {
    return await promise;
  } finally {
    clearTimeout(giveUp);
    await thread.terminate();
  }
}
