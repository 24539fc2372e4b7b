import { expect, test } from 'vitest';
import { afterLease, inState } from '../../server/domain/device-rest.ts';
import { aDevice } from './factories.ts';

const at = (state: 'idle' | 'busy' | 'unhealthy' | 'offline', stateReason: string | null = null) =>
  aDevice({ state, stateReason, stateChangedAt: 1000 });

test('a device is in its state since that began, however often it is told', () => {
  expect(inState(at('idle'), 'idle', null, 5000).stateChangedAt).toBe(1000);
  expect(inState(at('idle'), 'busy', null, 5000).stateChangedAt).toBe(5000);
});

test('a device whose lease ends is free, unless its agent finds it unfit or does not see it', () => {
  expect(afterLease(at('busy'), 'released', 5000)).toMatchObject({ state: 'idle', stateChangedAt: 5000 });
  for (const resting of [at('unhealthy', 'its battery is low.'), at('offline', 'unplugged.')])
    expect(afterLease(resting, 'released', 5000)).toEqual(resting);
});

test('a device whose lease was lost is offline since then', () => {
  const lost = { state: 'offline', stateReason: null, stateChangedAt: 5000 };
  expect(afterLease(at('busy'), 'lost', 5000)).toMatchObject(lost);
  expect(afterLease(at('offline', 'unplugged.'), 'lost', 5000)).toEqual(at('offline', 'unplugged.'));
});
