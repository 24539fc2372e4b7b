import { Agent, type IncomingMessage, request } from 'node:http';

const maxAnswerBytes = 64 * 1024 * 1024;

export interface UpstreamRequest {
  port: number;
  method: string;
  path: string;
  body?: string;
  /** The whole answer has to be there in this time. */
  timeoutMs: number;
}

export interface UpstreamAnswer {
  status: number;
  body: string;
}

/** Connections to Appium: loopback, kept open between commands. */
export const connections = new Agent({ keepAlive: true });

/** One whole exchange with Appium. @throws Error when there is no whole answer in time */
export function ask({ port, method, path, body, timeoutMs }: UpstreamRequest): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { host: '127.0.0.1', port, method, path, headers, signal, agent: connections };
    const onward = request(options, (answer) => {
      readAll(answer, maxAnswerBytes).then((text) => resolve({ status: answer.statusCode ?? 0, body: text }), reject);
    });
    onward.once('error', (error) =>
      reject(signal.aborted ? new Error(`no answer in ${timeoutMs / 1000} s`, { cause: error }) : error),
    );
    onward.end(body);
  });
}

/** All of a message's text. @throws Error when it is longer than `maxBytes` */
export async function readAll(message: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw new Error(`the message is longer than ${maxBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The `value` of a WebDriver answer; undefined where it is none. */
export function answeredValue(body: string): unknown {
  try {
    return (JSON.parse(body) as { value?: unknown } | null)?.value;
  } catch {
    return undefined;
  }
}

/** The message of a WebDriver error. */
export function messageOf(body: string): string {
  const value = answeredValue(body) as { message?: unknown } | null | undefined;
  return typeof value?.message === 'string' ? value.message : body.slice(0, 1000);
}
