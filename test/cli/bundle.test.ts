import { existsSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { expect, onTestFinished, test } from 'vitest';
import { packBundle } from '../../client/bundle.ts';
import { chooseBundleFiles } from '../../client/bundle-files.ts';
import { aProject, folderWith, git } from './support/project.ts';

async function packed(folder: string) {
  const bundle = await packBundle(folder);
  onTestFinished(() => bundle.remove());
  return bundle;
}

async function chosen(folder: string): Promise<string[]> {
  return (await chooseBundleFiles(folder)).files.map((file) => file.path);
}

test('a bundle holds the project in the order of names, without owners and times', async () => {
  const bundle = await packed(aProject());
  const entries: unknown[] = [];
  await list({
    file: bundle.path,
    onReadEntry: ({ path, mtime, uid, uname }) => entries.push({ path, mtime, uid, uname }),
  });
  const anonymous = { mtime: new Date(0), uid: undefined, uname: '' };
  expect(entries).toEqual(
    ['playwright.config.ts', 'tests/checkout.spec.ts', 'tests/helpers.ts', 'tests/onboarding.spec.js'].map((path) => ({
      path,
      ...anonymous,
    })),
  );
});

test('the same content is the same bundle, wherever and whenever it was written', async () => {
  const [one, other] = [aProject(), aProject()];
  utimesSync(join(other, 'tests/checkout.spec.ts'), 1, 1);
  const [a, b] = await Promise.all([packed(one), packed(other)]);
  expect(a.sha256).toBe(b.sha256);
  writeFileSync(join(other, 'tests/checkout.spec.ts'), 'changed');
  expect((await packed(other)).sha256).not.toBe(a.sha256);
});

test('a bundle is gone once it is removed', async () => {
  const bundle = await packBundle(aProject());
  await bundle.remove();
  expect(existsSync(bundle.path)).toBe(false);
});

test('in a repository the tracked files and the new ones are bundled, not the ignored and not the deleted ones', async () => {
  const folder = aProject({ '.gitignore': 'build/\n', 'build/out.js': '', 'gone.ts': '' });
  git(folder, 'init', '--quiet');
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '--message', 'All');
  writeFileSync(join(folder, 'tests/new.spec.ts'), '');
  rmSync(join(folder, 'gone.ts'));
  expect(await chosen(folder)).toEqual([
    '.gitignore',
    'playwright.config.ts',
    'tests/checkout.spec.ts',
    'tests/helpers.ts',
    'tests/new.spec.ts',
    'tests/onboarding.spec.js',
  ]);
});

test('a project below the root of a repository is bundled alone', async () => {
  const folder = folderWith({ 'app/main.ts': '', 'e2e/playwright.config.ts': '', 'e2e/a.spec.ts': '' });
  git(folder, 'init', '--quiet');
  expect(await chosen(join(folder, 'e2e'))).toEqual(['a.spec.ts', 'playwright.config.ts']);
});

test('dependencies and the results of earlier runs stay behind where there is no git', async () => {
  const folder = folderWith({
    'a.spec.ts': '',
    'node_modules/x/index.js': '',
    'packages/y/node_modules/z.js': '',
    'test-results/a/trace.zip': '',
  });
  expect(await chosen(folder)).toEqual(['a.spec.ts']);
});

test('what looks like a secret stays behind, and is named', async () => {
  const secrets = ['.env', '.env.production', '.envrc', '.netrc', 'certs/server.key', 'id_ed25519', 'private/.npmrc'];
  const harmless = ['.env.example', '.npmrc', 'environment.ts', 'keys.ts'];
  const folder = folderWith({
    ...Object.fromEntries([...secrets, ...harmless].map((path) => [path, 'x'])),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable as npm writes it
    '.npmrc': 'registry=https://registry.example.com\n//registry.example.com/:_authToken=${TOKEN}\n',
    'private/.npmrc': '//registry.example.com/:_authToken=abc\n',
  });
  const found = await chooseBundleFiles(folder);
  expect(found.secrets).toEqual(secrets.toSorted());
  expect(found.files.map((file) => file.path)).toEqual(harmless);
});

test('a link that leads out of the project stays behind, and is named', async () => {
  const folder = folderWith({ 'a.spec.ts': '' });
  symlinkSync('/etc/passwd', join(folder, 'stray'));
  symlinkSync('a.spec.ts', join(folder, 'inside'));
  const found = await chooseBundleFiles(folder);
  expect(found.strayLinks).toEqual(['stray']);
  expect(found.files.map((file) => file.path)).toEqual(['a.spec.ts', 'inside']);
});

test('names that mean something to tar or to a shell are names like any other', async () => {
  const names = ['$(touch x).spec.ts', '-rf.spec.ts', '@other.tgz', 'a b.spec.ts', 'ü.spec.ts'];
  const bundle = await packed(folderWith(Object.fromEntries(names.map((name) => [name, 'x']))));
  const found: string[] = [];
  await list({ file: bundle.path, onReadEntry: (entry) => found.push(entry.path.replace(/^\.\//, '')) });
  expect(found).toEqual(names);
});

test('an empty project cannot be bundled', async () => {
  await expect(packBundle(folderWith({}))).rejects.toMatchObject({ exitCode: 2, message: /nothing to bundle/ });
});
