import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  body: string;
}

/** A keep-alive connection that carries one request at a time. */
export interface Connection {
  send(method: string, path: string, body: string, headers?: string): Promise<RawAnswer>;
  close(): void;
}

const headEnd = Buffer.from('\r\n\r\n');

/**
 * HTTP/1.1 by hand, as little of it as an answer with Content-Length needs: the load must cost less than what it measures,
 * and fetch costs more.
 * @param fixed header lines sent with every request, each ended by CRLF
 */
export async function openConnection(url: string, fixed: string): Promise<Connection> {
  const { hostname, port, host } = new URL(url);
  const socket = await connected(hostname, Number(port));
  socket.setNoDelay(true);
  let settle: { resolve: (answer: RawAnswer) => void; reject: (error: Error) => void } | null = null;
  let received: Buffer = Buffer.alloc(0);

  const fail = (error: Error) => {
    settle?.reject(error);
    settle = null;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = parse(received);
    if (!answer) return;
    received = Buffer.alloc(0);
    const waiting = settle;
    settle = null;
    waiting?.resolve(answer);
  });

  return {
    send(method, path, body, headers = '') {
      const type = body === '' ? '' : 'Content-Type: application/json\r\n';
      const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${fixed}${headers}${type}`;
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        // safe because every body here is ASCII: its length is its number of bytes
        socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`, 'latin1');
      });
    },
    close: () => void socket.destroy(),
  };
}

/** A whole answer, or null while some of it is on its way. @throws Error for one without Content-Length */
function parse(received: Buffer): RawAnswer | null {
  const end = received.indexOf(headEnd);
  if (end < 0) return null;
  const head = received.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const length = status === 204 ? '0' : /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length:\n${head}`);
  const from = end + headEnd.length;
  if (received.length < from + Number(length)) return null;
  return { status, body: received.toString('latin1', from, from + Number(length)) };
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
