import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createAppiumServer } from '../../agent/executors/appium/appium-server.ts';
import { childEnvironment } from '../../agent/executors/environment.ts';
import type { Bed } from '../../test/appwright/support/bed.ts';

const appwright = resolve(import.meta.dirname, '../../agent/executors/appwright');

/**
 * AppWright as it is, one process per spec, straight at an Appium that is up: with the same shims as under an agent, since
 * without them its second test ends it ("Appium server is already running"), and it would remove the driver first.
 */
export async function runAlone(bed: Bed, projectDir: string, apkFile: string, specs: readonly string[]): Promise<void> {
  const { sdkDir = '', appium = '', appiumHome = '' } = bed.android;
  const env = { ...bed.env, ANDROID_HOME: sdkDir, JAVA_HOME: '/usr', APPIUM_HOME: appiumHome };
  const server = createAppiumServer({
    program: appium,
    env: childEnvironment(env),
    log: () => undefined,
    onDown: () => undefined,
  });
  try {
    const port = await server.ready();
    for (const spec of specs) {
      const runner = spawn(
        process.execPath,
        [
          'node_modules/@playwright/test/cli.js',
          'test',
          spec,
          '--config',
          'appwright.config.ts',
          '--project',
          'android',
          '--workers=1',
          '--reporter=dot',
        ],
        {
          cwd: projectDir,
          stdio: ['ignore', 'ignore', 'inherit'],
          env: childEnvironment({
            ...env,
            PATH: `${appwright}/shims:${process.env.PATH}`,
            NODE_OPTIONS: `--require ${JSON.stringify(`${appwright}/hub-port.cjs`)}`,
            QGJOB_HUB_PORT: String(port),
            QGJOB_SHIMS: `${appwright}/shims`,
            BED_APK: apkFile,
            WDIO_LOG_LEVEL: 'error',
          }),
        },
      );
      const [code] = await once(runner, 'exit');
      if (code !== 0) throw new Error(`${spec} failed under AppWright alone`);
    }
  } finally {
    await server.close();
  }
}
