/**
 * An hour without GitHub, simulated: `npm run chaos:github -- [--runs 1000] [--installations 10] [--minutes 60] [--seed N]`.
 * Ends with 1 when a promise was broken.
 */
import { parseArgs } from 'node:util';
import { simulateOutage } from './github-outage.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    installations: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const options = {
  runs: Number(values.runs),
  installations: Number(values.installations),
  minutes: Number(values.minutes),
  seed: Number(values.seed),
};
console.log(`chaos:github ${JSON.stringify(options)}`);
const startedMs = performance.now();
const { figures, broken } = await simulateOutage(options);
console.log({ ...figures, realSeconds: Math.round((performance.now() - startedMs) / 1_000) });
for (const promise of broken) console.log(`BROKEN: ${promise}`);
console.log(broken.length === 0 ? 'every promise was kept' : `${broken.length} promises were broken`);
process.exitCode = broken.length === 0 ? 0 : 1;
