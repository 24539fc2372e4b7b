/**
 * Generates again what is generated, and fails when that changes a committed file: migrations that lag behind the schema and
 * pages that lag behind the code would otherwise land unnoticed. Run by `npm run check:generated`.
 */
import { execFileSync } from 'node:child_process';

const generated = ['docs/api.md', 'docs/lifecycle.md', 'server/store/migrations', 'package-lock.json'];

const run = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' });
const state = () => run('git', 'status', '--porcelain', '--', ...generated) + run('git', 'diff', '--', ...generated);

const before = state();
run('npm', 'run', '--silent', 'generate');
run('node', 'scripts/complete-lock.ts');
if (state() !== before) {
  console.error('check-generated: these files are not what the code generates; commit what "npm run generate" and');
  console.error('"npm run lock" leave behind:');
  console.error(run('git', 'status', '--porcelain', '--', ...generated));
  process.exit(1);
}
console.log('check-generated: all as the code generates it');
