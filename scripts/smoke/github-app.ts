/**
 * The first real use: posts one check run on one commit through the very adapter the server uses, and says what it saw.
 * It writes to GitHub. The check run stays there, completed; nothing else is changed.
 *
 *     GITHUB_APP_ID=123 GITHUB_APP_PRIVATE_KEY=app.pem SMOKE_REPOSITORY=acme/shop SMOKE_REPOSITORY_ID=1296269 \
 *     SMOKE_HEAD_SHA=$(git rev-parse HEAD) node scripts/smoke/github-app.ts
 *
 * GITHUB_API_URL for another GitHub than github.com; SMOKE_FILE, a file of the commit to annotate, README.md unless told.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { githubOfApi } from '../../server/domain/github/host.ts';
import { createGithubApp } from '../../server/github/app.ts';
import type { CheckRunWrite } from '../../server/github/github.ts';
import { neverTried } from './never-tried.ts';

const { env } = process;
const need = (name: string): string => {
  const value = env[name];
  if (value) return value;
  console.error(`${name} is missing; the head of this file says what it takes.`);
  process.exit(2);
};
const key = need('GITHUB_APP_PRIVATE_KEY');
const repositoryName = need('SMOKE_REPOSITORY');
const repositoryId = Number(need('SMOKE_REPOSITORY_ID'));
const headSha = need('SMOKE_HEAD_SHA');
const github = githubOfApi(env.GITHUB_API_URL ?? 'https://api.github.com');

const app = createGithubApp(
  {
    ...github,
    appId: Number(need('GITHUB_APP_ID')),
    privateKey: key.startsWith('-----BEGIN') ? key.replaceAll('\\n', '\n') : readFileSync(key, 'utf8'),
  },
  { now: Date.now, sleep },
);
const say = (what: string) => console.log(`✓ ${what}`);

const described = await app.describe();
say(`${github.host} takes the key: ${described.slug}, clock ${described.clockSkewMs / 1000} s apart`);
console.log(`  permissions ${JSON.stringify(described.permissions)}\n  events ${described.events.join(', ')}`);
console.log(`  webhooks go to ${described.webhookUrl ?? 'nowhere'}`);

const installation = await app.installationOf(repositoryName);
if (!installation || installation.suspended) {
  console.error(`✗ ${installation ? 'suspended' : 'not installed'} on ${repositoryName}: install the App there first.`);
  process.exit(1);
}
say(`installed on ${repositoryName} (installation ${installation.id})`);

const startedAt = Date.now();
const write: CheckRunWrite = {
  name: 'qgjob smoke',
  headSha,
  externalId: `smoke_${startedAt}:1`,
  detailsUrl: 'https://example.com/qgjob-smoke',
  status: 'queued',
  conclusion: null,
  startedAt: null,
  completedAt: null,
  title: 'Waiting for a device',
  summary: 'A first try of the qgjob App. Nothing was tested.',
  text: '',
  annotations: [],
  actions: [],
};
const repository = app.repository(installation.id, repositoryName, repositoryId);
const created = await repository.createCheckRun(write);
say(`created check run ${created.id}, ${created.status}`);
await sleep(1_000);
const running = { ...write, status: 'in_progress' as const, startedAt, title: 'Running' };
say(`updated it: ${(await repository.updateCheckRun(created.id, running)).status}`);
await sleep(1_000);
const completed = await repository.updateCheckRun(created.id, {
  ...running,
  status: 'completed',
  conclusion: 'success',
  completedAt: Date.now(),
  title: 'It works',
  text: '```\n@nobody <b>inert</b> ![](https://example.com/x.png)\n```',
  annotations: [
    {
      path: env.SMOKE_FILE ?? 'README.md',
      startLine: 1,
      endLine: 1,
      level: 'notice',
      title: 'qgjob was here',
      message: 'An annotation of the smoke test.',
    },
  ],
  actions: [{ identifier: 'rerun_other', label: 'Run all again', description: 'Sends requested_action, if it shows' }],
});
say(`completed it: ${completed.status}, ${completed.conclusion}, ${completed.annotationsCount} annotation`);
const found = await repository.findCheckRuns(headSha, write.name);
say(`found it again by its name: ${found.some(({ id }) => id === created.id)}`);
const { deliveries } = await app.listDeliveries(null);
say(`GitHub's log has ${deliveries.length} deliveries, ${deliveries.filter((one) => !one.isSuccess).length} failed`);

console.log(`\nLook at it: ${github.webUrl}/${repositoryName}/runs/${created.id}`);
console.log('\nNever tried against a real GitHub; look at these there:');
for (const each of neverTried) console.log(`- ${each}`);
