import { readSettings } from '../../server/config.ts';
import { startServer } from '../../server/main.ts';

// A server in a process of its own, which prints its address and is killed while it writes to GitHub: what it had taken is
// another's soon.

const server = await startServer({
  ...readSettings(process.env),
  publishPace: { spacingMs: 20, leaseMs: 1_000, reserveMs: 300, lanesPerHost: 4 },
});
console.log(server.url);
