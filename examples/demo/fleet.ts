import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Client, createClient } from '../../contract/client.ts';
import type { Child } from './child.ts';

export const orgId = 'demo';
export const phones = [
  { id: 'phone-1', model: 'Pixel 7' },
  { id: 'phone-2', model: 'Galaxy S24' },
] as const;

export interface Server {
  url: string;
  /** With a key that may submit and read. */
  client: Client;
  submitKey: string;
  agentKey: string;
  process: Child;
}

export interface Stage {
  checkout: string;
  /** A temporary folder for everything the demo's processes keep. */
  temporary: string;
  /** Starts `qgjob` in the checkout with these variables, to be stopped when the demo ends. */
  start: (args: string[], env: Record<string, string>, onLine: (line: string) => void) => Child;
  say: (who: string, text: string) => void;
}

/** Starts a server with SQLite on a free port, with an organisation and a key for each of its users. */
export async function startServer({ temporary, start, say }: Stage): Promise<Server> {
  const operatorKey = randomBytes(24).toString('base64url');
  const process = start(
    ['serve', '--port=0', `--database=${join(temporary, 'qgjob.db')}`, '--log-level=warn', '--output=id'],
    { QGJOB_BOOTSTRAP_KEY: operatorKey },
    (line) => say('server', line),
  );
  const url = await process.firstLine;
  say('server', `${url}, SQLite`);
  const clientWith = (apiKey: string) => createClient({ serverUrl: url, apiKey, userAgent: 'qgjob-demo' });
  const operator = clientWith(operatorKey);
  await operator.createOrg({ body: { id: orgId, name: 'The demo' } });
  const makeKey = async (role: 'submit' | 'agent') =>
    (await operator.createKey({ params: { org: orgId }, body: { role, name: `demo ${role}` } })).body.key;
  const submitKey = await makeKey('submit');
  return { url, process, submitKey, agentKey: await makeKey('agent'), client: clientWith(submitKey) };
}

/** Starts an agent with the phones. Returns at once: what is submitted meanwhile waits in the queue. */
export function startAgent({ temporary, start, say }: Stage, server: Server): Child {
  const devices = phones.map(({ id, model }) => `--device=id=${id},target=emulator,platform=web,model=${model}`);
  const process = start(
    ['agent', '--name=demo', `--work-dir=${join(temporary, 'agent')}`, ...devices, '--output=id'],
    { QGJOB_SERVER_URL: server.url, QGJOB_API_KEY: server.agentKey },
    (line) => {
      if (!line.startsWith('info')) say('agent', line);
    },
  );
  const named = phones.map(({ id, model }) => `${id} (${model})`).join(', ');
  process.firstLine.then(
    () => say('agent', named),
    () => {}, // whoever waits for its exit hears of it
  );
  return process;
}
