import { getOctokit } from '@actions/github';
import { expect, test } from 'vitest';
import { annotations, properHeaders, shop } from './support/client.ts';

test('GitHub’s own client gets along with it: it writes checks, reads pages and understands refusals', async () => {
  const { github, repository, token, sha } = await shop();
  const octokit = getOctokit(token, { baseUrl: github.apiUrl, retry: { enabled: false } });
  const shared = {
    owner: 'acme',
    repo: 'shop',
    headers: { 'x-github-api-version': properHeaders['x-github-api-version'] },
  };
  const output = {
    title: 'T',
    summary: 'S',
    annotations: annotations(50),
  };
  const { data: made } = await octokit.rest.checks.create({ ...shared, name: 'e2e', head_sha: sha, output });
  await octokit.rest.checks.update({ ...shared, check_run_id: made.id, conclusion: 'failure', output });
  const all = await octokit.paginate(octokit.rest.checks.listAnnotations, {
    ...shared,
    check_run_id: made.id,
    per_page: 30,
  });
  expect(all).toHaveLength(100);
  github.openPullRequest(repository);
  expect((await octokit.rest.pulls.list(shared)).data).toHaveLength(1);
  const missing = octokit.rest.checks.create({ ...shared, name: 'e2e', head_sha: 'f'.repeat(40) });
  await expect(missing).rejects.toMatchObject({ status: 422, message: expect.stringContaining('No commit found') });
  github.expectNoViolations();
});
