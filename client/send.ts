import type { Client } from '../contract/client.ts';
import type { Run, SubmitRun } from '../contract/run.ts';
import { uploadApp } from './app.ts';
import { packBundle } from './bundle.ts';
import { formatBytes } from './bytes.ts';
import type { Submission } from './submission.ts';
import { type UploadDeps, uploadBlob } from './upload.ts';

/** Where the sending tells how far it has got. */
export interface Teller {
  /** A line that stays. */
  say(text: string): void;
  /** How far a single long task has got; replaces what it said before. */
  task(text: string): void;
}

export interface SendOptions {
  /** Makes a client that sends through the given fetch. */
  connect(fetching?: typeof fetch): Client;
  orgId: string;
  /** Whether the project goes along. */
  bundle: boolean;
  /** The run is cancelled when nobody has waited for it this long, s; undefined: nobody needs to. */
  clientLeaseSeconds?: number | undefined;
  idempotencyKey?: string | undefined;
  progress: Teller;
  signal: AbortSignal;
}

/** Uploads what the server lacks, then submits; resolves with the run once it is acknowledged, which is for good. */
export async function send(submission: Submission, options: SendOptions): Promise<Run> {
  const { orgId, progress } = options;
  const client = options.connect();
  if (submission.app) {
    const { app } = submission;
    const { sent } = await uploadApp(client, uploadDeps(`Uploading ${app.fileName}`, options), orgId, app);
    progress.say(`App version ${app.id}: ${app.fileName}, ${formatBytes(app.bytes)}${sent ? '' : ', known already'}`);
  }
  const bundle = options.bundle && submission.project.config !== null ? await sendBundle(submission, options) : {};
  const body: SubmitRun = {
    org_id: orgId,
    ...submission.body,
    ...bundle,
    ...(options.clientLeaseSeconds ? { client_lease_seconds: options.clientLeaseSeconds } : {}),
  };
  options.signal.throwIfAborted();
  // not cut short by Ctrl-C: only the id that comes back lets the run be cancelled
  const call = options.idempotencyKey ? { idempotencyKey: options.idempotencyKey } : {};
  return (await client.submitRun({ body }, call)).body;
}

async function sendBundle({ project }: Submission, options: SendOptions): Promise<{ bundle: { sha256: string } }> {
  const { progress, orgId } = options;
  progress.task(`Packing ${project.folder}`);
  const bundle = await packBundle(project.folder);
  try {
    if (bundle.secrets.length > 0) {
      progress.say(`Left out of the bundle, as they may hold secrets: ${bundle.secrets.join(', ')}`);
    }
    if (bundle.strayLinks.length > 0) {
      progress.say(`Left out of the bundle, as they lead out of the project: ${bundle.strayLinks.join(', ')}`);
    }
    const sent = await uploadBlob(uploadDeps('Uploading the project', options), orgId, bundle);
    const files = `${bundle.files.length} ${bundle.files.length === 1 ? 'file' : 'files'}`;
    progress.say(`Bundle: ${files}, ${formatBytes(bundle.bytes)}${sent ? '' : ', known already'}`);
    return { bundle: { sha256: bundle.sha256 } };
  } finally {
    await bundle.remove();
  }
}

function uploadDeps(what: string, { connect, progress, signal }: SendOptions): UploadDeps {
  return {
    connect,
    onProgress: (sent, total) => {
      const percent = Math.floor((100 * sent) / Math.max(total, 1));
      progress.task(`${what}: ${percent} % of ${formatBytes(total)}`);
    },
    signal,
  };
}
