import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkout, qgjob, startCli } from './cli/support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** What `npm run build` leaves for publication, below a node_modules folder, where Node runs no TypeScript. */
describe('the package as published', () => {
  const folder = temporaryFolder();
  const installed = folder.file('node_modules/qgjob');
  const program = join(installed, 'cli/qgjob.js');

  beforeAll(() => {
    mkdirSync(installed, { recursive: true });
    for (const name of readdirSync(join(checkout, 'node_modules'))) {
      if (!name.startsWith('.')) symlinkSync(join(checkout, 'node_modules', name), folder.file(`node_modules/${name}`));
    }
    const build = join(installed, 'build');
    const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: checkout });
    run('tsc', '-p', 'tsconfig.build.json', '--outDir', build);
    run(process.execPath, 'scripts/copy-assets.ts', build);
    mkdirSync(join(installed, 'cli'));
    cpSync(join(checkout, 'cli/qgjob.js'), program);
    cpSync(join(checkout, 'package.json'), join(installed, 'package.json'));
  });

  test('tells its version', async () => {
    const { code, stdout } = await qgjob(['--version'], { program });
    expect([code, stdout.trim()]).toEqual([0, '0.1.0']);
  });

  test('serves, with its migrations, and takes a job', async () => {
    const env = { QGJOB_BOOTSTRAP_KEY: 'the-operator-of-this-package', XDG_CONFIG_HOME: folder.file('config') };
    const database = `--database=${folder.file('qgjob.db')}`;
    const server = startCli(['serve', '--port=0', database], { program, env });
    const [, url = ''] = await server.said('stdout', /serves at (http:\S+)/);
    const submitted = await qgjob(
      ['submit', '--org-id=acme', '--app-version-id=v1', '--test=tests/a.spec.ts', '--no-bundle', '--output=id'],
      { program, cwd: folder.path, env: { ...env, QGJOB_SERVER_URL: url, QGJOB_API_KEY: env.QGJOB_BOOTSTRAP_KEY } },
    );
    expect(submitted.stderr + submitted.stdout).toMatch(/run_[0-9a-f]{24}/);
    expect(submitted.code).toBe(0);
  });
});
