/**
 * What an agent saves: the same specs on real AppWright and real Appium, with and without qgjob, on a pretend device whose
 * installs take ten seconds. Ends with 1 where a promise is not kept.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../contract/job.ts';
import { apk, appwrightProject, seesVersion } from '../../test/appwright/support/bed.ts';
import { type Lab, openLab } from '../../test/appwright/support/lab.ts';
import { installAppwrightPackages } from '../appwright-packages.ts';
import { runAlone } from './installs-alone.ts';

const installMs = 10_000;
const emulator = (id: string) => ({ id, target: 'emulator' as const, platform: 'android' as const });

installAppwrightPackages();
const six = Array.from({ length: 6 }, (_, i) => `tests/${i}.spec.ts`);
const alone = await measure(['emulator-5554'], async (lab) => {
  const projectDir = project(lab, { v1: six });
  const file = join(lab.dir, 'app.apk');
  writeFileSync(file, apk('v1'));
  return () => runAlone(lab, projectDir, file, six);
});
tell('6 specs of 1 version, 1 device, AppWright alone', alone);
const shared = await measure(['emulator-5554'], (lab) => throughAgent(lab, { v1: six }));
tell('6 specs of 1 version, 1 device, qgjob', shared);
const two = await measure(['emulator-5554', 'emulator-5556'], (lab) =>
  throughAgent(lab, { v1: six, v2: six.map((file) => file.replace('/', '/other-')) }),
);
tell('12 specs of 2 versions, 2 devices, qgjob', two);

const faster = alone.seconds / shared.seconds;
console.log(`\n${alone.installs} installs become ${shared.installs}, ${faster.toFixed(1)} times as fast`);
const kept = alone.installs === 6 && shared.installs === 1 && two.installs === 2 && faster >= 3;
if (!kept) console.error('expected: 6 installs become 1, at least 3 times as fast; 2 installs for 2 versions');
process.exitCode = kept ? 0 : 1;

interface Measured {
  installs: number;
  seconds: number;
}

async function measure(devices: string[], prepare: (lab: Lab) => Promise<() => Promise<void>>): Promise<Measured> {
  const lab = await openLab(devices.map(emulator), { leaseSeconds: 30 });
  try {
    for (const id of devices) lab.device(id, { installMs });
    const work = await prepare(lab);
    const startedAt = performance.now();
    await work();
    const seconds = (performance.now() - startedAt) / 1000;
    const installs = devices.reduce((sum, id) => sum + lab.device(id).read().installs, 0);
    return { installs, seconds };
  } finally {
    await lab.close();
  }
}

async function throughAgent(lab: Lab, specs: Record<string, string[]>): Promise<() => Promise<void>> {
  const projectDir = project(lab, specs);
  for (const version of Object.keys(specs)) await lab.register(version);
  // all work is known when the devices come: what is measured is the agent, not who was first
  const submitted: Job[][] = [];
  for (const [version, tests] of Object.entries(specs)) submitted.push(await lab.submit({ version, tests }));
  return async () => {
    await lab.agent({ projectDir });
    const jobs = await lab.completed(submitted.flat());
    const unexpected = jobs.filter(({ conclusion }) => conclusion !== 'passed');
    if (unexpected.length > 0) throw new Error(`not passed: ${JSON.stringify(unexpected, null, 1)}`);
  };
}

function project(lab: Lab, specs: Record<string, string[]>): string {
  const files = Object.entries(specs).flatMap(([version, tests]) => tests.map((test) => [test, seesVersion(version)]));
  mkdirSync(join(lab.dir, 'project'));
  return appwrightProject(join(lab.dir, 'project'), Object.fromEntries(files));
}

function tell(what: string, { installs, seconds }: Measured): void {
  console.log(`${what.padEnd(50)} ${String(installs).padStart(2)} installs ${seconds.toFixed(1).padStart(6)} s`);
}
