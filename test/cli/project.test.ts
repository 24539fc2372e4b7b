import { describe, expect, test } from 'vitest';
import { expandTests, findProject } from '../../client/project.ts';
import { aProject, folderWith } from './support/project.ts';

test.each(['playwright.config.ts', 'playwright.config.mjs', 'appwright.config.ts'])(
  '%s makes a test project',
  (config) => {
    expect(findProject(folderWith({ [config]: '' })).config).toBe(config);
  },
);

describe('in a test project', () => {
  const files = { 'tests/pages/[id].spec.ts': '', 'tests/pages/i.spec.ts': '', 'node_modules/x/x.spec.ts': '' };
  const expand = (...patterns: string[]) => expandTests(findProject(aProject(files)), patterns);

  test('a path stands for itself, however it is written', () => {
    expect(expand('./tests/../tests/onboarding.spec.js')).toEqual(['tests/onboarding.spec.js']);
  });

  test('a glob stands for the files it matches, in order, each once', () => {
    expect(expand('tests/*.spec.*', 'tests/checkout.spec.ts')).toEqual([
      'tests/checkout.spec.ts',
      'tests/onboarding.spec.js',
    ]);
  });

  test('a name that exists is no glob', () => {
    expect(expand('tests/pages/[id].spec.ts')).toEqual(['tests/pages/[id].spec.ts']);
  });

  test('a folder stands for the spec files in it, dependencies aside', () => {
    expect(expand('.')).toEqual([
      'tests/checkout.spec.ts',
      'tests/onboarding.spec.js',
      'tests/pages/[id].spec.ts',
      'tests/pages/i.spec.ts',
    ]);
  });

  test('what matches nothing is exit 3', () => {
    expect(() => expand('tests/nope.spec.ts')).toThrow(expect.objectContaining({ exitCode: 3 }));
  });

  test('what lies outside is refused', () => {
    expect(() => expand('../../etc/passwd')).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

test('outside a test project paths stay as they are', () => {
  const project = findProject(folderWith({}));
  expect(expandTests(project, ['tests/*.spec.ts', 'a.spec.ts', 'a.spec.ts'])).toEqual(['tests/*.spec.ts', 'a.spec.ts']);
});
