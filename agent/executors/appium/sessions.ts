import { capture } from './captures.ts';
import { type HubJob, onAccountOf } from './hub-job.ts';
import type { SessionRecord } from './record.ts';
import { ask } from './upstream.ts';

/** Closing an app on a device takes seconds; a device that needs longer has gone. */
const deleteMs = 20_000;

/** A session that is open at Appium. */
export interface OpenSession {
  job: HubJob;
  record: SessionRecord;
  /** Where Appium listens that has it. */
  port: number;
}

/** Keeps what is on the screen, then deletes the session. A failure is noted, never thrown: the session is gone either way. */
export async function endSession(sessions: Map<string, OpenSession>, session: OpenSession): Promise<void> {
  if (sessions.delete(session.record.id)) await onAccountOf(session.job, end(session));
}

async function end({ job, record, port }: OpenSession): Promise<void> {
  record.captures = await capture(port, record.id, job.capturesDir, job.sessions.indexOf(record));
  await deleteSession(port, record.id).catch((error) =>
    job.note(`The session could not be ended: ${error.message}`, 'command'),
  );
  record.endedAt = Date.now();
}

/** @throws Error when Appium does not answer */
export async function deleteSession(port: number, id: string): Promise<void> {
  await ask({ port, method: 'DELETE', path: `/session/${id}`, timeoutMs: deleteMs });
}
