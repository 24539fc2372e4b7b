import type { Trace } from '../../../contract/trace.ts';
import { defaultPolicy } from '../../../server/domain/policy.ts';
import { type Builder, build } from './build-trace.ts';

/**
 * Small enough to be lived through: 60 jobs of 3 versions on 4 devices, a quarter of an hour each. Of seeds at which no decision
 * hangs on a few seconds: requests take some, and where one does neither number of installs is the right one.
 */
export const liveTraces: readonly { name: string; trace: Trace }[] = [
  { name: '3 versions x 20 tests at once', trace: of(1, (b) => b.versions(3, () => 20)) },
  {
    name: 'one version of 50 tests, two urgent ones of 5',
    trace: of(13, (b) => {
      b.versions(1, () => 50);
      b.versions(2, () => 5, { priority: 8, at: (version) => 200 + version * 200 });
    }),
  },
  {
    name: 'an organisation of 40 tests, two of 10',
    trace: of(4, (b) => {
      b.versions(1, () => 40, { org: 'large' });
      b.versions(1, () => 10, { org: 'small', at: () => 150 });
      b.versions(1, () => 10, { org: 'smaller', at: () => 300 });
    }),
  },
];

function of(seed: number, fill: (builder: Builder) => void): Trace {
  const trace = build(seed, { devices: 4 }, fill);
  // what a server takes them to need before it has made the first: the simulator knows, and is to know no more than a server
  const installS = defaultPolicy.assumedInstallMs / 1000;
  return { ...trace, install_s: Object.fromEntries(Object.keys(trace.install_s).map((id) => [id, installS])) };
}
