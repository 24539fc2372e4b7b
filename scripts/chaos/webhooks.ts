/**
 * Sends thousands of webhooks, each three times and shuffled, to a server that is killed right after it has answered 202, and
 * compares the end with that of the same webhooks in order, once, to a server that lives. `--short` for a few hundred.
 */
import { parseArgs } from 'node:util';
import { createRandom } from './random.ts';
import { weatherStorm } from './webhook-storm.ts';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, seed: { type: 'string' } },
});
const [deliveries, kills] = values.short ? [300, 10] : [10_000, 200];
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const startedAt = performance.now();
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0);

const calm = await weatherStorm({ deliveries, copies: 1, kills: 0, shuffle: null });
console.log(`in order, once: ${calm.sent} deliveries, ${calm.wrong.length} things stand wrong (${seconds()} s)`);
const storm = await weatherStorm({ deliveries, copies: 3, kills, shuffle: createRandom(seed) });
console.log(
  `shuffled, three times, ${storm.kills} kill -9 right after a 202: ${storm.sent} deliveries, ${storm.wrong.length} things stand wrong, ${storm.failed} given up (${seconds()} s, seed ${seed})`,
);
const different = calm.stands.filter((stand, n) => stand !== storm.stands[n]).length;
for (const each of [...calm.wrong, ...storm.wrong].slice(0, 20)) console.error(each);
console.log(different === 0 ? 'the end is the same' : `${different} of ${calm.stands.length} things stand otherwise`);
const isGood = different + calm.wrong.length + storm.wrong.length + storm.failed === 0 && storm.kills === kills;
process.exit(isGood ? 0 : 1);
