import type { ReportedOutcome } from '../contract/words.ts';

/** A device is set aside after failures of so many different tests that speak against it and not against the tests. */
const neededTests = 3;
/** How much of the past is weighed. */
const keptEndings = 500;

/** What the ends of jobs on all devices of the agent say of each device. */
export interface FleetHealth {
  /** A test file has ended on a device. `test` names it with its app version, the same on every device. */
  ended(deviceId: string, test: string, outcome: ReportedOutcome): void;
  /** Why a device is set aside; null while it works. */
  asideFor(deviceId: string): string | null;
  /** It has rested and works again; the next failure of the kind sets it aside again. */
  rested(deviceId: string): void;
}

interface Ending {
  deviceId: string;
  test: string;
  how: 'good' | 'failed' | 'infra';
}

/**
 * Weighs devices against one another. Speaking against a device: a failure of the infrastructure, unless the same test had
 * one elsewhere too; any other failure, if the same test passed elsewhere. At most a third of the devices is set aside at
 * a time, and never the last: a bad build or test must not empty the fleet.
 * @param devices how many there are that could work
 */
export function createFleetHealth(devices: () => number): FleetHealth {
  const endings: Ending[] = [];
  const aside = new Map<string, string>();
  const onProbation = new Set<string>();

  /** The tests that failed on the device since anything last went well there, and speak against it. */
  function testsAgainst(deviceId: string): Set<string> {
    const tests = new Set<string>();
    for (let i = endings.length - 1; i >= 0; i--) {
      const ending = endings[i];
      if (ending?.deviceId !== deviceId) continue;
      if (ending.how === 'good') break;
      const elsewhere = endings.findLast(({ test, deviceId: other }) => test === ending.test && other !== deviceId);
      if (ending.how === 'infra' ? elsewhere?.how !== 'infra' : elsewhere?.how === 'good') tests.add(ending.test);
    }
    return tests;
  }

  function judge(deviceId: string): void {
    if (aside.has(deviceId)) return;
    const needed = onProbation.has(deviceId) ? 1 : neededTests;
    const tests = testsAgainst(deviceId);
    if (tests.size < needed || aside.size + 1 > devices() / 3) return;
    aside.set(deviceId, `${[...tests].slice(0, 3).join(', ')} failed here and not elsewhere`);
  }

  return {
    ended(deviceId, test, outcome) {
      const how = meaning[outcome];
      if (how === null) return;
      endings.push({ deviceId, test, how });
      if (endings.length > keptEndings) endings.shift();
      if (how === 'good') onProbation.delete(deviceId);
      // a test that passes here may tell that it was another device's fault there
      for (const id of new Set(endings.map((ending) => ending.deviceId))) judge(id);
    },
    asideFor: (deviceId) => aside.get(deviceId) ?? null,
    rested(deviceId) {
      if (!aside.delete(deviceId)) return;
      onProbation.add(deviceId);
      // what it was set aside for is over and done with
      for (let i = endings.length - 1; i >= 0; i--) if (endings[i]?.deviceId === deviceId) endings.splice(i, 1);
    },
  };
}

/** What an outcome says of the device; null where it says nothing. */
const meaning: Record<ReportedOutcome, Ending['how'] | null> = {
  passed: 'good',
  flaky: 'good',
  failed: 'failed',
  timed_out: 'failed',
  crashed: 'failed',
  infra_error: 'infra',
  load_error: null,
  config_error: null,
  no_tests: null,
  cancelled: null,
};
