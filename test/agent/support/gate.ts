import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * What happens to a request: `cut` before the server sees it, `lose` its answer after the server has acted, `halve` that
 * answer, or be told `not_found` or `bad_gateway` in the server's place.
 */
type Fate = 'pass' | 'cut' | 'lose' | 'halve' | 'not_found' | 'bad_gateway';

interface Seen {
  method: string;
  path: string;
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Gate {
  url: string;
  /** Every request that was answered or cut, in order of its end; `status` 0 where no answer got through. */
  seen: Seen[];
  /** Decides each request's fate from now on; until a promise of one settles, the request is held. */
  decide: (fate: (seen: Pick<Seen, 'method' | 'path'>) => Fate | Promise<Fate>) => void;
  /** Resolves with the first request, past or future, that fits. */
  until(fits: (seen: Seen) => boolean): Promise<Seen>;
}

/** A real HTTP proxy on loopback between agent and server: sees all, and breaks connections when told. */
export async function openGate(target: string): Promise<Gate> {
  const seen: Seen[] = [];
  const waiting = new Set<() => void>();
  let fateOf: (seen: Pick<Seen, 'method' | 'path'>) => Fate | Promise<Fate> = () => 'pass';

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = '', url: path = '', headers } = incoming;
    const note = (status: number) => {
      seen.push({ method, path, status, headers, body });
      for (const check of waiting) check();
    };
    const fate = await fateOf({ method, path });
    if (fate === 'cut') {
      outgoing.destroy();
      return note(0);
    }
    if (fate === 'not_found') {
      outgoing.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(notFound));
      return note(404);
    }
    if (fate === 'bad_gateway') {
      outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>');
      return note(502);
    }
    const onward = request(target + path, { method, headers }, (answer) => {
      if (fate === 'lose') {
        answer.resume();
        outgoing.destroy();
        return note(0);
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      if (fate === 'halve') {
        const half = Math.ceil(Number(answer.headers['content-length']) / 2);
        answer.once('data', (chunk: Buffer) => outgoing.write(chunk.subarray(0, half), () => outgoing.destroy()));
        return note(answer.statusCode ?? 0);
      }
      answer.pipe(outgoing);
      answer.once('close', () => note(answer.statusCode ?? 0));
    });
    outgoing.once('close', () => onward.destroy());
    onward.once('error', () => outgoing.destroy());
    onward.end(body);
  }

  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    decide(fate) {
      fateOf = fate;
    },
    until(fits) {
      return new Promise((resolve) => {
        const check = () => {
          const found = seen.find(fits);
          if (!found) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      });
    },
  };
}

const notFound = {
  type: 'about:blank',
  title: 'There is nothing here',
  status: 404,
  code: 'not_found',
  detail: 'There is nothing here',
  request_id: 'gate',
};
