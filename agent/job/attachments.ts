import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { Client } from '../../contract/client.ts';
import type { Attachment } from '../../contract/job.ts';
import type { LocalFile, RunnerTest } from '../executors/executor.ts';
import type { Log } from '../settings.ts';

const MiB = 1024 ** 2;
const maxFileBytes = 64 * MiB;
const maxJobBytes = 512 * MiB;
const maxPerTest = 64;

export interface UploadDeps {
  client: Client;
  /** Whose bytes they are. */
  orgId: string;
  /** Only files below one of these real paths are a test's to publish. */
  folders: readonly string[];
  log: Log;
  signal: AbortSignal;
}

/**
 * Uploads the files tests left behind, once per content, and gives each test the references. A file that is too large,
 * lies elsewhere or cannot be uploaded is left out with a warning: it never costs the result.
 */
export function createUploader(deps: UploadDeps): (test: RunnerTest) => Promise<Attachment[]> {
  const uploaded = new Map<string, Promise<string | null>>();
  let bytes = 0;

  /** The file's hash once the server has it; null where it is left out. */
  async function upload(path: string): Promise<string | null> {
    try {
      const real = await realpath(path);
      const file = await stat(real);
      const ours = deps.folders.some((folder) => real.startsWith(`${folder}/`));
      if (!ours || !file.isFile()) return leaveOut(path, 'it is no file of this run');
      if (file.size > maxFileBytes || bytes + file.size > maxJobBytes)
        return leaveOut(path, `it has ${file.size} bytes`);
      bytes += file.size;
      const sha256 = await sha256Of(real);
      const body = await openAsBlob(real);
      await deps.client.putBlob(
        { params: { sha256 }, query: { org_id: deps.orgId }, body },
        { signal: deps.signal, timeoutMs: null },
      );
      return sha256;
    } catch (error) {
      deps.signal.throwIfAborted();
      return leaveOut(path, (error as Error).message);
    }
  }

  function leaveOut(path: string, why: string): null {
    deps.log({ level: 'warn', message: `An attachment is left out: ${why}`, path });
    return null;
  }

  return async (test) => {
    const attachments: Attachment[] = [];
    for (const file of test.files.slice(0, maxPerTest)) {
      const known = uploaded.get(file.path) ?? upload(file.path);
      uploaded.set(file.path, known);
      const sha256 = await known;
      if (sha256) attachments.push({ ...described(file), sha256 });
    }
    return attachments;
  };
}

/** Names and types are the test's own words: made to fit one line. */
function described({ name, contentType }: LocalFile): Pick<Attachment, 'name' | 'content_type'> {
  return { name: oneLine(name) || 'attachment', content_type: oneLine(contentType) || 'application/octet-stream' };
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 255);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
