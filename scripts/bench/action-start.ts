import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readAction } from '../../test/support/runner/action-file.ts';
import { contextsOf, environmentOf, inputEnvironment } from '../../test/support/runner/step-contexts.ts';

/** Node's arguments, and what a step says under `with:`. */
export interface Start {
  args: string[];
  inputs: Record<string, string>;
}

/** Times programs from their spawn, each as the runner starts a step, with every input in its environment. */
export interface Stopwatch {
  /** Milliseconds until it has gone. */
  untilEnd(start: Start): Promise<number>;
  /** Milliseconds until its first request reaches a server, whose address it gets as `server-url`. */
  untilRequest(start: Start): Promise<number>;
  close(): void;
}

export async function createStopwatch(folder: string): Promise<Stopwatch> {
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'a.spec.ts'), '');
  const { described, ...contexts } = contextsOf({}, workspace);
  const defaults = readAction(join(import.meta.dirname, '../..')).inputs.map(({ id, defaultIn }) => [
    id,
    defaultIn(contexts),
  ]);

  let arrived = () => {};
  const server = createServer((_request, response) => {
    arrived();
    response.writeHead(400).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // safe because it listens on a port
  const { port } = server.address() as AddressInfo;

  const begin = ({ args, inputs }: Start) => {
    const files = mkdtempSync(join(folder, 'step-'));
    const file = (name: string, content = '') => {
      writeFileSync(join(files, name), content);
      return join(files, name);
    };
    const env = {
      PATH: process.env.PATH ?? '',
      ...environmentOf(described, files),
      ...inputEnvironment({ ...Object.fromEntries(defaults), ...inputs }),
      GITHUB_EVENT_PATH: file('event', '{}'),
      GITHUB_OUTPUT: file('output'),
      GITHUB_STATE: file('state'),
      GITHUB_STEP_SUMMARY: file('summary'),
    };
    const startedAt = performance.now();
    const child = spawn(process.execPath, args, { cwd: workspace, env, stdio: 'ignore' });
    return { child, startedAt, gone: once(child, 'exit') };
  };

  return {
    async untilEnd(start) {
      const { startedAt, gone } = begin(start);
      await gone;
      return performance.now() - startedAt;
    },
    async untilRequest({ args, inputs }) {
      const request = new Promise<number>((resolve) => {
        arrived = () => resolve(performance.now());
      });
      const start = { args, inputs: { ...inputs, 'server-url': `http://127.0.0.1:${port}` } };
      const { child, startedAt, gone } = begin(start);
      const failed = gone.then(() => Promise.reject(new Error(`${args.join(' ')} ended without a request`)));
      const at = await Promise.race([request, failed]);
      child.kill('SIGKILL');
      await failed.catch(() => undefined);
      return at - startedAt;
    },
    close: () => server.close(),
  };
}
