// A thread of its own for one report: what the report does to a parser, it does here. Its text comes as the thread's data.
import { parentPort, workerData } from 'node:worker_threads';
import { parseJunit } from './junit.ts';

try {
  parentPort?.postMessage({ report: parseJunit(String(workerData)) });
} catch (error) {
  parentPort?.postMessage({ error: (error as Error).message.slice(0, 1024) });
}
