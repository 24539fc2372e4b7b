import { expect, test } from 'vitest';
import { createRandom } from '../../scripts/chaos/random.ts';
import { weatherStorm } from '../../scripts/chaos/webhook-storm.ts';

test('300 webhooks, each three times, shuffled, with 10 kill -9 right after a 202, end as they would in order', async () => {
  const storm = await weatherStorm({ deliveries: 300, copies: 3, kills: 10, shuffle: createRandom(4) });
  expect(storm).toMatchObject({ wrong: [], kills: 10, sent: 900, failed: 0 });
}, 240_000);
