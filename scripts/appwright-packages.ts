import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../test/appwright');
const installed = join(folder, 'node_modules/.installed');

/**
 * Installs what the AppWright test bed needs (real AppWright, real Appium: 280 MB), unless it is there already. Kept out of the
 * repository's own packages, so that `npm ci` stays light. @throws Error when npm fails
 */
export function installAppwrightPackages(): void {
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
  // no package here needs what its install script does; browser downloads least of all
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm ci in test/appwright ended with ${status}`);
  writeFileSync(installed, wanted);
}
