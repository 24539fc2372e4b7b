import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Client, createClient } from '../../contract/client.ts';
import { type Child, startCommand } from './child.ts';

export const orgId = 'demo';
export const phones = [
  { id: 'phone-1', model: 'Pixel 7' },
  { id: 'phone-2', model: 'Galaxy S24' },
] as const;

export interface Fleet {
  serverUrl: string;
  /** With a key that may submit and read. */
  client: Client;
  submitKey: string;
}

export interface Stage {
  checkout: string;
  /** A temporary folder for everything the demo's processes keep. */
  temporary: string;
  /** Without settings of the user's own qgjob. */
  env: NodeJS.ProcessEnv;
  /** Takes note of a process to be stopped at the end. */
  own: (child: Child) => Child;
  say: (who: string, text: string) => void;
}

/** Starts a server with SQLite on a free port and an agent with two phones, both as anybody would from a shell. */
export async function startFleet({ checkout, temporary, env, own, say }: Stage): Promise<Fleet> {
  const operatorKey = randomBytes(24).toString('base64url');
  const server = own(
    startCommand(
      ['serve', '--port=0', `--database=${join(temporary, 'qgjob.db')}`, '--log-level=warn', '--output=id'],
      { cwd: checkout, env: { ...env, QGJOB_BOOTSTRAP_KEY: operatorKey }, onLine: (line) => say('server', line) },
    ),
  );
  const serverUrl = await server.firstLine;
  say('server', `${serverUrl}, SQLite`);

  const operator = createClient({ serverUrl, apiKey: operatorKey, userAgent: 'qgjob-demo' });
  await operator.createOrg({ body: { id: orgId, name: 'The demo' } });
  const makeKey = async (role: 'submit' | 'agent') =>
    (await operator.createKey({ params: { org: orgId }, body: { role, name: `demo ${role}` } })).body.key;
  const [submitKey, agentKey] = [await makeKey('submit'), await makeKey('agent')];

  const devices = phones.map(({ id, model }) => `--device=id=${id},target=emulator,platform=web,model=${model}`);
  const agent = own(
    startCommand(['agent', '--name=demo', `--work-dir=${join(temporary, 'agent')}`, ...devices, '--output=id'], {
      cwd: checkout,
      env: { ...env, QGJOB_SERVER_URL: serverUrl, QGJOB_API_KEY: agentKey },
      onLine: (line) => {
        if (!line.startsWith('info')) say('agent', line);
      },
    }),
  );
  await agent.firstLine;
  say('agent', phones.map(({ id, model }) => `${id} (${model})`).join(', '));
  return { serverUrl, submitKey, client: createClient({ serverUrl, apiKey: submitKey, userAgent: 'qgjob-demo' }) };
}
