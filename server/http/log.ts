import type { Logger } from 'pino';

/** Where the server says what an operator should know; never keys, tokens or bodies. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
