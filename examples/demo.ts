/**
 * The demo, `npm run demo`: builds two versions of a shop, starts a server and an agent, submits the shop's suite for both and
 * shows what came of it. Exits with 0 when the outcome is the expected one, 1 when it is another, 130 when interrupted.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleFor } from '../cli/render/style.ts';
import { buildBoth } from './demo/builds.ts';
import { type Child, startCommand } from './demo/child.ts';
import { differences } from './demo/expected.ts';
import { phones, type Stage, startAgent, startServer } from './demo/fleet.ts';
import { nextSteps } from './demo/next-steps.ts';
import { type Submitted, submitSuite } from './demo/submit.ts';
import { failureList, installLedger, resultTable } from './demo/tables.ts';
import { type ShopVersion, shopVersions } from './shop/build.ts';

interface VersionOutcome extends Submitted {
  version: ShopVersion;
}

const interrupted = 130;
const startedAt = performance.now();
const style = styleFor(process.stdout, process.env);
const print = (text: string) => void process.stdout.write(`${text}\n`);
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
const heading = (text: string) => print(`\n${style('bold', text)}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 19)) {
    print(`The demo needs Node 22.19 or newer, and this is ${process.versions.node}. After npm ci: npm run demo`);
    return 2;
  }
  const children: Child[] = [];
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
  const temporary = await mkdtemp(join(tmpdir(), 'qgjob-demo-'));
  let concluded = false;
  const checkout = join(import.meta.dirname, '..');
  const environment = ownEnvironment();
  const stage: Stage = {
    checkout,
    temporary,
    start(args, env, onLine) {
      ending.signal.throwIfAborted();
      const child = startCommand(args, { cwd: checkout, env: { ...environment, ...env }, onLine });
      children.push(child);
      return child;
    },
    say(who, text) {
      // the verdict has the last word
      if (!concluded) print(`${style('dim', `${seconds().padStart(5)} s  ${who.padEnd(6)} │`)} ${text}`);
    },
  };
  try {
    const submitted = await Promise.race([perform(stage), once(ending.signal, 'abort').then(() => null)]);
    if (submitted === null) return interrupted;
    concluded = true;
    return conclude(submitted);
  } catch (error) {
    print(`\n${style('red', '✗')} ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    ending.abort();
    // the last started first: a submission cancels its run while there is a server to hear it
    for (const child of children.reverse()) await child.stop();
    await rm(temporary, { recursive: true, force: true });
  }
}

async function perform(stage: Stage): Promise<VersionOutcome[]> {
  await buildBoth(stage.checkout);
  stage.say('shop', `built ${shopVersions.join(' and ')}`);
  const server = await startServer(stage);
  const agent = startAgent(stage, server);
  // each version asks for a phone of its own: a phone that has finished would else help the other one, with a third install
  const submissions = shopVersions.map(async (version, i) => {
    const { model } = phones[i % phones.length] ?? phones[0];
    return { version, ...(await submitSuite(stage, server, { version, model })) };
  });
  return Promise.race([Promise.all(submissions), endedEarly('server', server.process), endedEarly('agent', agent)]);
}

/** Shows what came of it and says the exit code. */
function conclude(outcomes: VersionOutcome[]): number {
  const reports = new Map(outcomes.map(({ version, report }) => [version, report]));
  heading('Results');
  print(resultTable(reports, style));
  heading('Failures');
  print(failureList(reports, style));
  heading('Installs');
  print(installLedger(reports, style));
  const wrong = outcomes.flatMap(({ version, report, exitCode }) => differences(version, report, exitCode));
  heading(wrong.length === 0 ? 'To try next' : 'This is not what the demo is to show');
  print(wrong.length === 0 ? nextSteps(style) : wrong.map((line) => `${style('red', '✗')} ${line}`).join('\n'));
  const verdict = wrong.length === 0 ? style('green', '✓ As expected') : style('red', '✗ Not as expected');
  print(`\n${verdict}, in ${seconds()} s`);
  return wrong.length === 0 ? 0 : 1;
}

async function endedEarly(what: string, child: Child): Promise<never> {
  const code = await child.exited;
  throw new Error(`The ${what} has ended with ${code} before its time.`);
}

/** The environment without what would configure the user's own server, agent or command line. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(QGJOB_|GITHUB_APP_|GITHUB_WEBHOOK_|PORT$|HOST$|LOG_LEVEL$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
