import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startGithub } from '../support/github/github.ts';

const script = fileURLToPath(new URL('../../scripts/smoke/github-app.ts', import.meta.url));
const run = (env: Record<string, string>) => promisify(execFile)(process.execPath, [script], { env });

test('the smoke test posts one check run as the server would, and says what it has not shown', async () => {
  const github = await startGithub({ kind: 'ghes' });
  onTestFinished(() => github.stop());
  const shop = github.repository('acme/shop');
  const env = {
    GITHUB_APP_ID: String(github.app.id),
    GITHUB_APP_PRIVATE_KEY: github.keys.privateKey.replaceAll('\n', '\\n'),
    GITHUB_API_URL: github.apiUrl,
    SMOKE_REPOSITORY: 'acme/shop',
    SMOKE_REPOSITORY_ID: String(shop.id),
    SMOKE_HEAD_SHA: shop.branches.get('main') ?? '',
  };
  await expect(run(env)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('not installed') });
  github.install(github.app, [shop]);
  const { stdout } = await run(env);
  expect(github.checkRuns(shop)).toMatchObject([{ status: 'completed', conclusion: 'success', name: 'qgjob smoke' }]);
  expect(stdout).toContain('found it again by its name: true');
  expect(stdout).toContain('Never tried against a real GitHub');
  github.expectNoViolations();
});
