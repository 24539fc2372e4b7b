import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JobStatus } from '../../contract/words.ts';
import { renderLifecyclePage } from '../../scripts/docs/lifecycle-page.ts';
import { type JobEvent, jobEvents, nextStatus } from '../../server/domain/lifecycle.ts';

const statuses: JobStatus[] = ['queued', 'assigned', 'running', 'completed'];

test('a job moves only as the contract says: every status with every event', () => {
  const moves = statuses.flatMap((from) =>
    jobEvents.flatMap((event) => {
      const to = nextStatus(from, event);
      return to ? [`${from} ${event} ${to}`] : [];
    }),
  );
  expect(moves).toEqual([
    'queued claimed assigned',
    'queued cancelled completed',
    'queued expired completed',
    'assigned started running',
    'assigned finished completed',
    'assigned requeued queued',
    'assigned cancelled completed',
    'assigned expired completed',
    'running started running',
    'running finished completed',
    'running requeued queued',
    'running cancelled completed',
    'running expired completed',
  ]);
});

test('nothing happens to a completed job', () => {
  expect(jobEvents.map((event) => nextStatus('completed', event))).toEqual(jobEvents.map(() => null));
});

test('a job that is not completed can always complete, whatever happened to it', () => {
  const ends: JobEvent[] = ['finished', 'cancelled', 'expired'];
  for (const status of statuses.slice(0, 3)) {
    expect(ends.map((event) => nextStatus(status, event))).toContain('completed');
  }
});

test('docs/lifecycle.md says what the table says: `npm run generate:docs` renders it anew', () => {
  const committed = readFileSync(join(import.meta.dirname, '../../docs/lifecycle.md'), 'utf8');
  expect(committed).toBe(renderLifecyclePage());
});
