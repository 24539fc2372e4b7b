import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Capture } from './record.ts';
import { answeredValue, ask } from './upstream.ts';

/** A screen that cannot be had in this time is not worth waiting for. */
const captureMs = 5000;

const kinds = [
  { name: 'screenshot', of: 'screenshot', contentType: 'image/png', extension: 'png', encoding: 'base64' },
  { name: 'page-source', of: 'source', contentType: 'application/xml', extension: 'xml', encoding: 'utf8' },
] as const;

/** Saves what is on the screen of a session into `folder`; what cannot be had is left out. */
export async function capture(port: number, sessionId: string, folder: string, index: number): Promise<Capture[]> {
  const captures: Capture[] = [];
  // one after the other: the driver's server on the device does one thing at a time
  for (const { name, of, contentType, extension, encoding } of kinds) {
    try {
      const path = `/session/${sessionId}/${of}`;
      const answer = await ask({ port, method: 'GET', path, timeoutMs: captureMs });
      const value = answeredValue(answer.body);
      if (answer.status !== 200 || typeof value !== 'string') continue;
      const file = join(folder, `${index}.${extension}`);
      await writeFile(file, Buffer.from(value, encoding));
      captures.push({ name, contentType, path: file });
    } catch {
      return captures; // a device that does not answer has no second picture either
    }
  }
  return captures;
}
