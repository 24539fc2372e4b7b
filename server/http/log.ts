import { type DestinationStream, type Logger, pino } from 'pino';

/** Where the server says what an operator should know; never keys, tokens or bodies. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** A log of JSON lines. Errors are told by name, text and place, without the values that a failed query was about. */
export function createLog(level: string, destination: DestinationStream): Log {
  return pino({ level, base: null, serializers: { err: describeError } }, destination);
}

interface DescribedError {
  type: string;
  message: string;
  stack: string;
  cause?: DescribedError;
}

/** Only these: the database's errors carry every parameter of a query, and with them tokens and hashes. */
function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: '' };
  const { name, message, stack = '', cause } = error;
  return {
    type: name,
    message: withoutParameters(message),
    stack: withoutParameters(stack),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

function withoutParameters(text: string): string {
  return text.replace(/\nparams: [\s\S]*?(?=\n {4}at |$)/g, '');
}
