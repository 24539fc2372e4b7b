import { readSettings } from '../../server/config.ts';
import { startServer } from '../../server/main.ts';

// A server in a process of its own, which prints its address: its log on stderr is what a test looks at.

const server = await startServer(readSettings(process.env));
process.once('SIGTERM', () => void server.stop());
console.log(server.url);
