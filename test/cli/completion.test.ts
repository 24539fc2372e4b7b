import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { qgjob } from './support/cli.ts';

/** What bash would offer for a line, by the script that the command prints. */
function offered(script: string, ...words: string[]): string[] {
  const ask = `source /dev/stdin <<<"$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _qgjob; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', ask, 'bash', script, ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

test('bash completes commands, subcommands, flags and the values of flags', async () => {
  const { code, stdout } = await qgjob(['completion', 'bash']);
  expect(code).toBe(0);
  expect(offered(stdout, 'qgjob', 'su')).toEqual(['submit']);
  expect(offered(stdout, 'qgjob', 'agents', 'dr')).toEqual(['drain']);
  expect(offered(stdout, 'qgjob', 'submit', '--infra')).toEqual(['--infra-retries']);
  expect(offered(stdout, 'qgjob', 'list', '--serv')).toEqual(['--server']);
  expect(offered(stdout, 'qgjob', 'submit', '--target', 'b')).toEqual(['browserstack']);
  expect(offered(stdout, 'qgjob', 'submit', '--target', '=', 'e')).toEqual(['emulator']);
});

test.each(['zsh', 'fish'])('%s gets a script that knows every command', async (shell) => {
  const { code, stdout } = await qgjob(['completion', shell]);
  expect(code).toBe(0);
  for (const name of ['submit', 'completion', 'revoke', 'infra-retries']) expect(stdout).toContain(name);
});
