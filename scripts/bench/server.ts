import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { readSettings } from '../../server/config.ts';
import { startServer } from '../../server/main.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import { readOrder, say } from './child.ts';

/** `constant`: the whole stack, but for a store that answers every submission with its first. `hono`: JSON in and out. */
export type Variant = 'full' | 'full-each' | 'normal' | 'constant' | 'hono';

export interface ServerOrder {
  variant: Variant;
  folder: string;
  operatorKey: string;
}

const order = readOrder<ServerOrder>();
const running = order.variant === 'hono' ? await startHono() : await startQgjob(order.variant);
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
await say({ url: running.url });

function startQgjob(variant: Exclude<Variant, 'hono'>) {
  const env = { QGJOB_BOOTSTRAP_KEY: order.operatorKey, LOG_LEVEL: 'error' };
  const settings = readSettings(env, { port: '0', database: join(order.folder, `${variant}.db`) });
  return startServer(settings, async (file, options) => {
    const grouped = variant !== 'full-each';
    const store = openSqlite(file, { ...options, grouped, synchronous: variant === 'normal' ? 'NORMAL' : 'FULL' });
    return variant === 'constant' ? answerWithTheFirst(store) : store;
  });
}

/** What the first submission's transaction resolved with is every later one's answer; nothing else is left out. */
function answerWithTheFirst(store: Store): Store {
  let first: unknown;
  return {
    ...store,
    async transaction<T>(work: Parameters<typeof store.transaction<T>>[0]): Promise<T> {
      // safe because the load sends nothing but submissions
      if (first !== undefined) return first as T;
      const result = await store.transaction(work);
      if (typeof result === 'object' && result !== null && 'run' in result) first = result;
      return result;
    },
  };
}

async function startHono() {
  const app = new Hono().post('/v1/jobs', async (c) => c.json(await c.req.json(), 201));
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => server.closeAllConnections(),
  };
}
