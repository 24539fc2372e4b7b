import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  headers: IncomingHttpHeaders;
  text: string;
}

/** What webhooks are sent to: keeps them, and answers 202 unless told otherwise. */
export async function receiver(
  answer: (response: ServerResponse, count: number) => void = (response) => response.writeHead(202).end(),
) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
    answer(response, received.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  // safe because a server that listens on a port has such an address
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/github` };
}
