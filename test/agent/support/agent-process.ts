// An agent in a process of its own, for tests that kill it: settings as JSON in the first argument.
import { startAgent } from '../../../agent/main.ts';

const settings = JSON.parse(process.argv[2] ?? '{}');
const running = await startAgent({ ...settings, log: (entry) => process.stdout.write(`${JSON.stringify(entry)}\n`) });
await running.finished;
