import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Listening, listen } from '../../server/http/listen.ts';

let listening: Listening;
let sockets: Socket[] = [];
let onRequest: (incoming: IncomingMessage, outgoing: ServerResponse) => void;

beforeEach(async () => {
  const limits = { checkEveryMs: 50, minBytesPerSecond: 1000, slowAfterMs: 300, silentMs: 1_500, headersMs: 300 };
  listening = await listen('127.0.0.1', 0, limits);
  listening.server.on('request', (incoming, outgoing) => onRequest(incoming, outgoing));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await listening.close(0);
});

/** A raw connection that has said something; `closed` resolves when the server has ended it. */
function say(text: string): { socket: Socket; closed: Promise<unknown> } {
  const socket = connect(listening.port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  sockets.push(socket);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text);
  return { socket, closed };
}

const put = (length: number) => `PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

describe('a client that', () => {
  test('never finishes its headers is let go', async () => {
    await say('GET / HTTP/1.1\r\nHost: x\r\n').closed;
  });

  test('never says anything is let go', async () => {
    await say('').closed;
  });

  test('sends a byte of its body now and then is let go', async () => {
    onRequest = (incoming) => incoming.resume();
    const { socket, closed } = say(put(100_000));
    const drip = setInterval(() => socket.write('x'), 20);
    await closed;
    clearInterval(drip);
  });

  test('sends a large body slowly but steadily is served', async () => {
    let received = 0;
    onRequest = (incoming, outgoing) => {
      incoming.on('data', (bytes: Buffer) => {
        received += bytes.length;
      });
      incoming.on('end', () => outgoing.end());
    };
    const length = 100_000;
    const { socket } = say(put(length));
    const answered = new Promise<string>((resolve) => socket.once('data', (text) => resolve(text.toString())));
    let sent = 0;
    const flow = setInterval(() => {
      socket.write('x'.repeat(2_000));
      sent += 2_000;
      if (sent === length) clearInterval(flow);
    }, 20);
    expect(await answered).toContain('200 OK');
    expect(received).toBe(length);
  });

  test('does not read its answer is let go', async () => {
    const gone = Promise.withResolvers<void>();
    onRequest = (_, outgoing) => {
      outgoing.once('close', () => gone.resolve());
      outgoing.end(Buffer.alloc(32 * 1024 ** 2));
    };
    say('GET / HTTP/1.1\r\nHost: x\r\n\r\n').socket.pause();
    await gone.promise;
  });

  test('reads a large answer slowly but steadily gets all of it', async () => {
    const size = 32 * 1024 ** 2;
    onRequest = (_, outgoing) => {
      outgoing.writeHead(200, { 'content-length': size }).end(Buffer.alloc(size));
    };
    const { socket, closed } = say('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let received = 0;
    socket.on('data', (bytes) => {
      received += bytes.length;
      socket.pause();
      setTimeout(() => socket.resume(), 4);
    });
    await closed;
    expect(received).toBeGreaterThan(size);
  });

  test('waits for its answer may wait', async () => {
    const waiting = Promise.withResolvers<ServerResponse>();
    onRequest = (_, outgoing) => waiting.resolve(outgoing);
    const { socket } = say('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const answered = new Promise<string>((resolve) => socket.once('data', (text) => resolve(text.toString())));
    const outgoing = await waiting.promise;
    // longer than any of the limits: one client that is let go, and another
    await say('GET').closed;
    await say('GET').closed;
    outgoing.end('at last');
    expect(await answered).toContain('at last');
  });
});
