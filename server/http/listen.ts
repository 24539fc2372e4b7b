import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ConnectionLimits, defaultLimits, watchConnections } from './connections.ts';

/** What listens, before it has anything to say. */
export interface Listening {
  server: Server;
  port: number;
  /** Takes no new connection, lets what is in flight end, but for no longer than `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/**
 * Listens for HTTP/1.1; requests go to whoever listens for `request`.
 * @throws Error that says what to do when the address cannot be had
 */
export async function listen(host: string, port: number, limits: ConnectionLimits = defaultLimits): Promise<Listening> {
  const server = createServer({
    // agents ask every few seconds: Node's 5 s would make most of them connect anew each time
    keepAliveTimeout: 75_000,
    headersTimeout: limits.headersMs,
    // a large upload may take an hour; watchConnections ends those that stall
    requestTimeout: 0,
    connectionsCheckingInterval: limits.checkEveryMs,
  });
  server.timeout = limits.silentMs;
  server.maxConnections = 20_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, resolve);
  });
  const connections = watchConnections(server, limits);
  return {
    server,
    // safe because it listens on a port, not on a pipe
    port: (server.address() as AddressInfo).port,
    async close(graceMs) {
      const closed = new Promise((resolve) => server.close(resolve));
      await connections.untilIdle(graceMs);
      // server.close alone waits for ever for a connection that never sent a request
      server.closeAllConnections();
      connections.stop();
      await closed;
    },
  };
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') return new Error(`Port ${port} on ${host} is taken. Choose another with --port.`);
  if (error.code === 'EACCES') return new Error(`Port ${port} is not allowed to this user. Choose one above 1023.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new Error(`${host} is no address of this machine. Choose another with --host.`);
  }
  return error;
}
