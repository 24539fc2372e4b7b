import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { readAll, readEvents, readUntil } from '../http/event-stream.ts';
import { startAgent, submission } from '../http/work.ts';
import { operatorKey, startTestServer } from '../support/server.ts';

async function serverWithRun() {
  const server = await startTestServer();
  const org = await server.org();
  const { body: run } = await org.submit.submitRun({ body: submission(org.id) });
  return { server, org, run };
}

/** How many requests the server counts now. */
async function gauge({ url }: { url: string }, which: 'active' | 'waiting'): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^qgjob_http_requests_${which} (\\d+)$`, 'm').exec(metrics)?.[1]);
}

/** Stops, and tells how long it took; a grace nobody should need. */
async function stopping(server: { stop(graceMs?: number): Promise<void> }): Promise<number> {
  const since = performance.now();
  await server.stop(20_000);
  return performance.now() - since;
}

describe('stopping', () => {
  test('answers long polls at once, with what there is', async () => {
    const { server, org, run } = await serverWithRun();
    const other = await server.org();
    const idle = await startAgent(other.agent);
    const query = { wait_seconds: 50, after_version: 99 };
    const polls = Array.from({ length: 10 }, () => org.read.getRun({ params: { id: run.id }, query }));
    const claim = other.agent.claim({ params: { id: idle.id }, body: { device_id: 'pixel', wait_seconds: 50 } });
    await expect.poll(() => gauge(server, 'waiting')).toBe(11);
    expect(await stopping(server)).toBeLessThan(5_000);
    for (const { body } of await Promise.all(polls)) expect(body.id).toBe(run.id);
    expect((await claim).status).toBe(204);
  });

  test('ends event streams', async () => {
    const { server, org, run } = await serverWithRun();
    const { body } = await org.read.runEvents({ params: { id: run.id }, headers: {} });
    const events = readEvents(body);
    await readUntil(events, 'run');
    expect(await stopping(server)).toBeLessThan(5_000);
    expect(await readAll(events)).toEqual([]);
  });

  test('does not wait for connections that never asked for anything', async () => {
    const { server } = await serverWithRun();
    const silent = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    const closed = new Promise((resolve) => silent.once('close', resolve));
    silent.on('error', () => {});
    expect(await stopping(server)).toBeLessThan(5_000);
    await closed;
  });

  test('lets a request in flight end', async () => {
    const { server } = await serverWithRun();
    const socket = connect(server.port, '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const body = JSON.stringify({ id: 'late', name: 'Late' });
    socket.write(
      `POST /v1/orgs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${operatorKey}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    // the other one is the one that asks
    await expect.poll(() => gauge(server, 'active')).toBe(2);
    const stopped = server.stop(20_000);
    socket.write(body.slice(5));
    await Promise.all([stopped, closed]);
    expect(received).toContain('HTTP/1.1 201');
  });

  test('ends within its grace where a client does not go on', async () => {
    const { server } = await serverWithRun();
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    const head = `PUT /v1/blobs/${'0'.repeat(64)}?org_id=a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${operatorKey}\r\n`;
    socket.write(`${head}Content-Length: 1000\r\n\r\nhalf`);
    await expect.poll(() => gauge(server, 'active')).toBe(2);
    const since = performance.now();
    await server.stop(500);
    expect(performance.now() - since).toBeLessThan(5_000);
  });

  test('twice is stopping once', async () => {
    const { server } = await serverWithRun();
    await Promise.all([server.stop(), server.stop()]);
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
  });
});
