import { describe, expect, test } from 'vitest';
import { InvalidInputs, inputNames, readInputs } from '../../action/inputs.ts';
import { readAction } from '../support/runner/action-file.ts';
import { runStep } from '../support/runner/run-step.ts';
import { action, over } from './support/bench.ts';

test('every complaint about the inputs comes at once, each with what to write, and before anything is done', async () => {
  const inputs = {
    'server-url': 'qgjob.example.com',
    tests: '# nothing but a comment',
    target: 'iphone',
    priority: 'urgent',
    retries: '11',
    timeout: 'soon',
    wait: 'yes',
    'fail-on': 'always',
    devices: 'platform=android\nplatform=symbian',
    'head-sha': 'main',
  };
  const result = await over(runStep({ action, inputs }));
  expect(result).toMatchObject({ exitCode: 1, outputs: {}, annotations: [{ kind: 'error' }] });
  const { message = '' } = result.annotations[0] ?? {};
  const named = message.split('\n').flatMap((line) => /^- ([a-z-]+)/.exec(line)?.[1] ?? []);
  expect(named.sort()).toEqual([...Object.keys(inputs), 'app-version-id', 'org-id'].sort());
  expect(message).toContain('- target: "iphone" will not do. Write one of emulator, device, browserstack.');
  expect(result.post).toMatchObject({ exitCode: 0, lines: [] });
});

describe('inputs', () => {
  const needed = { 'server-url': 'https://qgjob.example.com/', 'api-key': 'k', tests: 'tests', 'app-version-id': '1' };
  const read = (given: Record<string, string> = {}) => {
    const all: Record<string, string> = { ...needed, ...given };
    return readInputs((name) => all[name] ?? '');
  };

  test('are those of action.yml', () => {
    expect(
      readAction(action)
        .inputs.map(({ id }) => id)
        .sort(),
    ).toEqual([...inputNames].sort());
  });

  test('left empty count as not given', () => {
    expect(read({ wait: '', priority: ' ', supersede: '' })).toMatchObject({
      serverUrl: 'https://qgjob.example.com',
      wait: true,
      supersede: undefined,
      failOn: 'infra',
      wish: { priority: undefined, target: 'emulator', tests: ['tests'] },
    });
  });

  test('with lines are lists, in which # begins a comment', () => {
    const { wish } = read({ tests: ' a.spec.ts \n\n# b.spec.ts\nc/**', devices: 'model=Pixel 7,os=14\nlabel=lab' });
    expect(wish.tests).toEqual(['a.spec.ts', 'c/**']);
    expect(wish.devices).toEqual([{ model: 'Pixel 7', os_version: '14' }, { labels: ['lab'] }]);
  });

  test.each(['ftp://x', 'https://user:word@x', 'https://x?y=1', 'https://x#y'])('server-url %s is refused', (url) => {
    expect(() => read({ 'server-url': url })).toThrow(InvalidInputs);
  });
});
