import { describe, expect, test } from 'vitest';
import { shop } from './support/client.ts';

describe('a repository', () => {
  test('tells of its pull requests: open, closed, merged, by branch, by commit', async () => {
    const { github, repository, ask } = await shop();
    const one = github.openPullRequest(repository, { branch: 'one' });
    const two = github.openPullRequest(repository, { branch: 'two' });
    const first = two.headSha;
    github.pushTo(two);
    const numbers = async (path: string) => (await ask(path)).list.map(({ number }) => number);
    expect(await numbers('/pulls')).toEqual([1, 2]);
    expect(await numbers('/pulls?head=acme:two')).toEqual([2]);
    expect(await numbers(`/commits/${first}/pulls`)).toEqual([2]);
    github.closePullRequest(one);
    expect(await numbers('/pulls')).toEqual([2]);
    expect(await numbers('/pulls?state=closed')).toEqual([1]);
    expect(await numbers(`/commits/${one.headSha}/pulls`)).toEqual([]);
    github.closePullRequest(two, { merged: true });
    expect(await numbers(`/commits/${first}/pulls`)).toEqual([2]);
    expect((await ask('/pulls/2')).body).toMatchObject({ state: 'closed', merged: true, head: { sha: two.headSha } });
    expect((await ask('/pulls/3')).status).toBe(404);
    expect((await ask(`/commits/${'f'.repeat(40)}/pulls`)).status).toBe(404);
    github.expectNoViolations();
  });

  test('tells of a workflow run by its id, with its attempt', async () => {
    const { github, repository, ask } = await shop();
    const run = github.startWorkflow(repository);
    expect((await ask(`/actions/runs/${run.id}`)).body).toMatchObject({ status: 'in_progress', run_attempt: 1 });
    github.completeWorkflow(run, 'cancelled');
    expect((await ask(`/actions/runs/${run.id}`)).body).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
    github.rerunWorkflow(run);
    expect((await ask(`/actions/runs/${run.id}`)).body).toMatchObject({ conclusion: null, run_attempt: 2 });
    expect((await ask('/actions/runs/1')).status).toBe(404);
    github.expectNoViolations();
  });

  test('tells of comments and of who may do what', async () => {
    const { github, repository, ask } = await shop();
    const ada = github.account('ada');
    github.account('mallory');
    github.collaborate(repository, ada, 'maintain');
    const pull = github.openPullRequest(repository);
    const { id } = github.comment(pull, ada, '/qgjob run');
    const said = { body: '/qgjob run', user: { login: 'ada' }, author_association: 'COLLABORATOR' };
    expect((await ask(`/issues/comments/${id}`)).body).toMatchObject(said);
    expect((await ask(`/issues/${pull.number}/comments`)).list).toMatchObject([said]);
    const role = async (login: string) => (await ask(`/collaborators/${login}/permission`)).body;
    expect(await role('ada')).toMatchObject({ permission: 'write', role_name: 'maintain' });
    expect(await role('mallory')).toMatchObject({ permission: 'read', role_name: 'read' });
    expect((await ask('/collaborators/nobody/permission')).status).toBe(404);
    github.expectNoViolations();
  });
});
