import { CreatedKey } from '../../contract/org.ts';
import { callUntilAnswered } from './call.ts';
import { orgs } from './submissions.ts';

/** The keys everyone works with. */
export interface Keys {
  /** Of a client, by organisation. */
  submit: Map<string, string>;
  /** Of each agent: six that serve every organisation, two that serve one each. */
  agents: string[];
}

/** Makes the organisations and their keys. @throws Error when the server does not let it */
export async function setUp(base: string, operatorKey: string): Promise<Keys> {
  async function create(path: string, json: unknown): Promise<unknown> {
    const answer = await callUntilAnswered(base, { method: 'POST', path, key: operatorKey, json }, () => true);
    if (answer.status !== 201) throw new Error(`POST ${path} was answered ${answer.status} ${answer.code}`);
    return answer.body;
  }
  async function createKey(org: string, json: Record<string, unknown>): Promise<string> {
    return CreatedKey.parse(await create(`/v1/orgs/${org}/keys`, { name: 'chaos', ...json })).key;
  }

  const submit = new Map<string, string>();
  for (const org of orgs) {
    await create('/v1/orgs', { id: org, name: org });
    submit.set(org, await createKey(org, { role: 'submit' }));
  }
  const shared = await createKey(orgs[0], { role: 'agent', shared: true });
  const own = [await createKey(orgs[0], { role: 'agent' }), await createKey(orgs[1], { role: 'agent' })];
  return { submit, agents: [...Array.from({ length: 6 }, () => shared), ...own] };
}
