import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const unit = readFileSync(resolve(import.meta.dirname, '../../deploy/qgjob-agent.service'), 'utf8');
const settings = unit.split('\n').filter((line) => /^\w+=/.test(line));

/** Each mounts over a part of /proc, or forbids namespaces: `unshare --user --pid --mount-proc` fails then. */
const hindering =
  /^(ProtectKernelTunables|ProtectKernelLogs|ProtectHostname|ProtectProc|ProcSubset|RestrictNamespaces|PrivateUsers)=/;

test("the agent's service lets it hold each job in a PID namespace", () => {
  expect(settings.filter((setting) => hindering.test(setting))).toEqual([]);
});
