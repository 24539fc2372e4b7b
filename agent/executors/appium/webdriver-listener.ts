import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuse } from './webdriver-error.ts';

/** A hub's ear, on loopback only. */
export interface WebdriverListener {
  port: number;
  /** Cuts off whoever still waits, and resolves when nobody is heard any more. */
  close(): Promise<void>;
}

/**
 * Has a hub answer what test runners ask for, each for as long as it takes: a session may wait for an install or a parallel. What
 * `answer` throws is answered in WebDriver's form. @throws Error when the port is taken; 0 is any free one
 */
export async function listenToRunners(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  port: number,
): Promise<WebdriverListener> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => refuse(response, 500, 'unknown error', (error as Error).message));
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    // safe because a server that listens on a TCP port has such an address
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
