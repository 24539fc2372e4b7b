import type { Style } from '../../cli/render/style.ts';
import { buildFile } from './builds.ts';

const suite = `--project-dir examples/shop-tests --app ${buildFile('1.1')} --test 'tests/*.spec.ts'`;

const steps = [
  {
    why: 'Run a test project here, without a server',
    commands: [`npx qgjob run ${suite}`],
  },
  {
    why: 'Keep a server and an agent (a terminal each), and submit to them',
    commands: [
      'npx qgjob serve',
      'npx qgjob orgs create qualgent',
      'npx qgjob agent --device id=phone-1,target=emulator,platform=web,model="Pixel 7"',
      `npx qgjob submit --org-id=qualgent ${suite} --wait`,
      'npx qgjob list',
    ],
  },
];

/** Commands to go on with: each works as it stands in the checkout, where the demo has left the two builds. */
export function nextSteps(style: Style): string {
  const told = steps.flatMap(({ why, commands }) => [
    `${why}:`,
    ...commands.map((command) => `  ${style('cyan', command)}`),
  ]);
  return told.join('\n');
}
