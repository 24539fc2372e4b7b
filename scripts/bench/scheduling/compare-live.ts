import { reportOf } from '../../../server/domain/simulation/report.ts';
import { liveTraces } from './live-traces.ts';
import { playLive } from './play-live.ts';

/** What a second of a trace takes here, ms. */
const secondMs = 5;
const toleratedShare = 0.05;

/** Plays traces on a real server and in the simulator, and prints both. @returns whether the installs are the same within 5 % */
export async function compareLive(): Promise<boolean> {
  console.log(
    'Simulated and lived through on a real server over HTTP, 1 s in 5 ms: installs, and seconds to the end.\n',
  );
  console.log(`${''.padEnd(50)} ${'installs'.padStart(12)} ${'makespan'.padStart(14)}`);
  let [simulated, lived] = [0, 0];
  for (const { name, trace } of liveTraces) {
    const report = reportOf(trace);
    const played = await playLive(trace, secondMs);
    simulated += report.installs;
    lived += played.installs;
    const installs = `${report.installs} -> ${played.installs}`;
    const makespan = `${report.makespan_s.toFixed(0)} -> ${played.makespanS.toFixed(0)}`;
    console.log(`${name.padEnd(50)} ${installs.padStart(12)} ${makespan.padStart(14)}`);
  }
  const difference = Math.abs(lived - simulated) / simulated;
  console.log(`\n${simulated} installs simulated, ${lived} made: ${(difference * 100).toFixed(1)} % apart`);
  return difference <= toleratedShare;
}
