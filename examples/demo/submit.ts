import type { RunReport } from '../../contract/run.ts';
import type { ShopVersion } from '../shop/build.ts';
import { buildFile } from './builds.ts';
import { orgId, type Server, type Stage } from './fleet.ts';

export interface Submitted {
  exitCode: number | null;
  report: RunReport;
}

/** Submits the suite for one version through the command line, waits for its end and reads what came of it. */
export async function submitSuite(
  stage: Stage,
  server: Server,
  { version, model }: { version: ShopVersion; model: string },
): Promise<Submitted> {
  const args = [
    'submit',
    `--org-id=${orgId}`,
    `--app-version-id=shop-${version}`,
    `--app=${buildFile(version)}`,
    '--project-dir=examples/shop-tests',
    '--test=tests/*.spec.ts',
    `--device=model=${model}`,
    '--wait',
  ];
  stage.say(version, `$ qgjob ${args.map((arg) => (/[ *]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`);
  let concluded = false;
  const child = stage.start(
    [...args, '--output=id'],
    { QGJOB_SERVER_URL: server.url, QGJOB_API_KEY: server.submitKey },
    (line) => {
      // below the first empty line the command sums up, as the demo does for both versions
      concluded ||= line === '';
      // what waits or is just taken would fill the screen
      if (!concluded && !/^[·◦]/.test(line)) stage.say(version, line);
    },
  );
  const id = await child.firstLine;
  const exitCode = await child.exited;
  const { body: report } = await server.client.runReport({ params: { id } });
  return { exitCode, report };
}
