import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from '../contract/client.ts';
import type { RunReport } from '../contract/run.ts';
import { exitCodes } from './exit-codes.ts';
import { UserError } from './user-error.ts';

/** Writes every test of every attempt as JSON. @throws UserError when the file cannot be written */
export async function writeReport(report: RunReport, path: string): Promise<void> {
  await toFile(path, () => writeFile(path, `${JSON.stringify(report, null, 2)}\n`));
}

/** Writes a run's results as JUnit XML. @throws UserError when the file cannot be written */
export async function writeJunit(client: Client, runId: string, path: string): Promise<void> {
  const { body: answer } = await client.runJunit({ params: { id: runId } });
  await toFile(path, () => pipeline(Readable.from(answer.body ?? []), createWriteStream(path)));
}

async function toFile(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await write();
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${(error as Error).message}`, exitCodes.usage);
  }
}
