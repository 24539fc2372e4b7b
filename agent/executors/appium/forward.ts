import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connections, messageOf } from './upstream.ts';
import { refuse } from './webdriver-error.ts';

const maxRequestBytes = 256 * 1024 * 1024;
const keptErrorBytes = 64 * 1024;
/** The longest a single command may take: an app that starts slowly, a file that is pushed. */
const commandMs = 300_000;

/**
 * Hands a command on to Appium and its answer back, both streamed. Resolves when the exchange is over, with the message of a
 * WebDriver error that was answered, or of the hub's own where Appium gave no answer; null for success.
 */
export function forward(incoming: IncomingMessage, outgoing: ServerResponse, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const { method, url: path, headers } = incoming;
    const signal = AbortSignal.timeout(commandMs);
    const options = { host: '127.0.0.1', port, method, path, signal, agent: connections };
    const onward = request({ ...options, headers: { ...headers, host: `127.0.0.1:${port}` } }, (answer) => {
      const status = answer.statusCode ?? 502;
      outgoing.writeHead(status, answer.headers);
      answer.pipe(outgoing);
      const kept: Buffer[] = [];
      let bytes = 0;
      if (status >= 400)
        answer.on('data', (chunk: Buffer) => {
          if (bytes < keptErrorBytes) kept.push(chunk);
          bytes += chunk.length;
        });
      answer.once('close', () => {
        // a runner that hung up ended it itself; else Appium did, and the runner would wait for the rest for minutes
        if (!answer.complete && !outgoing.destroyed) {
          outgoing.destroy();
          return resolve(`Appium gave way during ${method} ${path}: its answer broke off`);
        }
        resolve(status < 400 ? null : messageOf(Buffer.concat(kept).toString('utf8')));
      });
    });
    onward.once('error', (error) => {
      const why = signal.aborted ? `no answer in ${commandMs / 1000} s` : error.message;
      const message = `Appium gave way during ${method} ${path}: ${why}`;
      refuse(outgoing, 500, 'unknown error', message);
      // a runner that hung up is no failure of Appium's
      resolve(incoming.destroyed && !incoming.complete ? null : message);
    });
    outgoing.once('close', () => onward.destroy());
    let sent = 0;
    incoming.on('data', (chunk: Buffer) => {
      sent += chunk.length;
      if (sent > maxRequestBytes) incoming.destroy();
    });
    incoming.pipe(onward);
  });
}
