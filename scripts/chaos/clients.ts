import { Job } from '../../contract/job.ts';
import { Run } from '../../contract/run.ts';
import { type Answer, call, callUntilAnswered, pause } from './call.ts';
import type { Random } from './random.ts';
import type { Submission } from './submissions.ts';

/** A submission as it was acknowledged. */
export interface Acknowledged extends Submission {
  runId: string;
  /** In the order of `tests`. */
  jobIds: string[];
}

/** What the clients met. */
export interface ClientLedger {
  acknowledged: Acknowledged[];
  /** Answers that contract.md does not allow. */
  broken: string[];
  /** Sent again after an acknowledgement, to be told the same. */
  replays: number;
}

/** Submits everything with 16 parallel clients, each submission until it is acknowledged. */
export async function submitAll(
  submissions: readonly Submission[],
  { base, keys, random, keepOn }: { base: string; keys: Map<string, string>; random: Random; keepOn: () => boolean },
  ledger: ClientLedger,
): Promise<void> {
  const startedAt = performance.now();
  const queue = [...submissions];

  async function client(): Promise<void> {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await pause(Math.max(0, next.atMs - (performance.now() - startedAt)));
      await submit(next);
    }
  }

  async function submit(submission: Submission): Promise<void> {
    const { path, body, orgId, idempotencyKey } = submission;
    const key = keys.get(orgId) ?? '';
    const headers = { 'idempotency-key': idempotencyKey };
    const request = { method: 'POST', path, key, json: body, headers } as const;
    if (random.chance(0.1)) {
      // a client that leaves before the answer: the work may be done or not
      await call(base, { ...request, patienceMs: random.between(1, 8) }).catch(() => {});
    }
    const first = idsOf(path, await callUntilAnswered(base, request, keepOn));
    if (typeof first === 'string') {
      ledger.broken.push(`${idempotencyKey}: ${first}`);
      return;
    }
    ledger.acknowledged.push({ ...submission, ...first });
    if (!random.chance(0.2)) return;
    await pause(random.between(0, 2000));
    ledger.replays++;
    const again = idsOf(path, await callUntilAnswered(base, request, keepOn));
    if (JSON.stringify(again) !== JSON.stringify(first)) {
      ledger.broken.push(`${idempotencyKey}: sent again it was told ${JSON.stringify(again)}`);
    }
  }

  await Promise.all(Array.from({ length: 16 }, client));
}

/** The ids of an acknowledgement, or what is wrong with it. */
function idsOf(path: Submission['path'], { status, code, body }: Answer): { runId: string; jobIds: string[] } | string {
  if (status !== 201) return `answered ${status} ${code}`;
  if (path === '/v1/jobs') {
    const job = Job.parse(body);
    return { runId: job.run_id, jobIds: [job.id] };
  }
  const run = Run.parse(body);
  return { runId: run.id, jobIds: run.jobs.map((job) => job.id) };
}
