import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openJobLog } from '../../agent/job/job-log.ts';
import { ProblemError, UnreachableError } from '../../contract/client.ts';
import { temporaryFolder } from './support/project.ts';

const mismatch = (offset: number) =>
  new ProblemError({
    type: 'about:blank',
    title: 'The log continues at another offset',
    status: 416,
    code: 'offset_mismatch',
    detail: '',
    request_id: '',
    offset,
  });

/** A server that takes bytes only at its own end, and fails in turn as told. */
function strictServer(fates: ('pass' | 'cut' | 'lose' | 'forget')[]) {
  let stored = Buffer.alloc(0);
  let calls = 0;
  return {
    text: () => stored.toString(),
    calls: () => calls,
    async append(offset: number, bytes: Uint8Array) {
      const fate = fates[calls++ % fates.length];
      if (fate === 'cut') throw new UnreachableError('cut');
      if (fate === 'forget') stored = stored.subarray(0, stored.length >> 1);
      if (offset !== stored.length) throw mismatch(stored.length);
      stored = Buffer.concat([stored, bytes]);
      if (fate === 'lose') throw new UnreachableError('answer lost');
    },
  };
}

const options = { secrets: [], signal: new AbortController().signal };

describe('a job log', () => {
  test('arrives whole and in order, whatever was cut, lost or forgotten on the way', async () => {
    const server = strictServer(['lose', 'pass', 'cut', 'forget', 'pass', 'pass', 'lose', 'pass']);
    const log = await openJobLog({ ...options, file: join(temporaryFolder(), 'log'), append: server.append });
    const lines = Array.from({ length: 300 }, (_, i) => `${i} ${'é'.repeat(i * 30)}\n`);
    for (const line of lines) {
      const bytes = Buffer.from(line);
      log.write(bytes.subarray(0, 5));
      log.write(bytes.subarray(5));
    }
    log.write('no newline at the end');
    await log.finish();
    await log.close();
    expect(server.calls()).toBeGreaterThan(4);
    expect(server.text()).toBe(`${lines.join('')}no newline at the end`);
  });

  test('is cut off at its limit, and says so', async () => {
    const server = strictServer(['pass']);
    const log = await openJobLog({
      ...options,
      file: join(temporaryFolder(), 'log'),
      append: server.append,
      maxBytes: 10,
    });
    log.write('0123456789abcdef\n');
    await log.finish();
    await log.close();
    expect(server.text()).toBe('0123456789\n[qgjob: the log is cut off here, 7 more bytes were left out]\n');
  });

  test('never holds a secret, though it comes in pieces', async () => {
    const server = strictServer(['pass']);
    const file = join(temporaryFolder(), 'log');
    const log = await openJobLog({ ...options, file, append: server.append, secrets: ['qgj_key', 'token'] });
    for (const piece of ['a qgj', '_key and a tok', 'en\nqgj_k', 'ey']) log.write(piece);
    await log.finish();
    await log.close();
    expect(server.text()).toBe('a *** and a ***\n***');
  });

  test('is given up when the server refuses it for good, or the lease is lost', async () => {
    let calls = 0;
    const full = new ProblemError({
      ...mismatch(0).problem,
      status: 413,
      code: 'payload_too_large',
      offset: undefined,
    } as never);
    const refuse = async () => {
      calls++;
      throw full;
    };
    const log = await openJobLog({ ...options, file: join(temporaryFolder(), 'log'), append: refuse });
    log.write('x\n');
    await log.finish();
    await log.close();
    expect(calls).toBe(1);

    const lost = new AbortController();
    const away = async () => {
      lost.abort();
      throw new UnreachableError('away');
    };
    const other = await openJobLog({
      ...options,
      file: join(temporaryFolder(), 'log'),
      append: away,
      signal: lost.signal,
    });
    other.write('x\n');
    await other.finish();
    await other.close();
  });
});
