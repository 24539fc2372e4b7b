import type { Batch, Draw } from './draw.ts';
import { arrive } from './draw.ts';

/** Devices that differ. Every range is that of one draw per seed. */

const osVersions = ['11', '12', '13', '14', '15'];

/** 2-5 devices of each of five OS versions, 1-3 nightly versions of 10-40 tests on each; pull requests on any, load 0.2-0.5. */
export function nightlyMatrix(draw: Draw): void {
  const each = draw.whole(2, 5);
  for (const os_version of osVersions) draw.devices(each, { target: 'emulator', os_version });
  for (let nightly = draw.whole(1, 3); nightly > 0; nightly--) {
    const tests = Math.round(draw.scale(10, 40));
    draw.version(osVersions.map((os_version) => ({ tests, priority: 2, devices: [{ os_version }] })));
  }
  const paced = { load: draw.chance.uniform(0.2, 0.5), versions: draw.whole(30, 80), tests: draw.scale(2, 10) };
  arrive(draw, paced, (atS, tests) => draw.version([{ tests, at: () => atS }]));
}

/** 4-10 emulators, 1-3 phones of each of three models, some of them rooted, 2-8 cloud parallels; load 0.4-0.8, 80-150 versions. */
export function mixedTargets(draw: Draw): void {
  draw.devices(draw.whole(4, 10));
  for (const model of ['Pixel 8', 'Galaxy S24', 'Redmi 13']) {
    draw.devices(draw.whole(1, 3), { target: 'device', model });
    if (draw.happens(0.5)) draw.devices(1, { target: 'device', model, labels: ['rooted'] });
  }
  draw.devices(1, { target: 'device', model: 'Pixel 8', labels: ['rooted'] });
  draw.devices(draw.whole(2, 8), { target: 'browserstack' });
  const asked = [
    { target: 'emulator' },
    { target: 'emulator' },
    { target: 'device' },
    { target: 'device', devices: [{ model: 'Pixel 8' }] },
    { target: 'device', devices: [{ model: 'Galaxy S24' }, { model: 'Redmi 13' }] },
    { target: 'device', devices: [{ labels: ['rooted'] }] },
    { target: 'browserstack' },
  ] as const satisfies Partial<Batch>[];
  const paced = { load: draw.chance.uniform(0.4, 0.8), versions: draw.whole(80, 150), tests: draw.scale(3, 12) };
  arrive(draw, paced, (atS, tests) => {
    const where = draw.chance.pick(asked);
    // a cloud has the app once for all its devices
    const installS = where.target === 'browserstack' ? 0 : undefined;
    draw.version([{ tests, at: () => atS, ...where, devices: 'devices' in where ? [...where.devices] : [] }], installS);
  });
}

/** 6-16 devices, load 0.4-0.7, 80-120 versions; people take single devices for 10-40 min, 5-20 times, as urgent as can be. */
export function heldByPeople(draw: Draw): void {
  const devices = draw.whole(6, 16);
  for (let made = 0; made < devices; made++) draw.devices(1, { target: 'emulator', labels: [`desk${made}`] });
  let endS = 0;
  const paced = { load: draw.chance.uniform(0.4, 0.7), versions: draw.whole(80, 120), tests: draw.scale(3, 12) };
  arrive(draw, paced, (atS, tests) => {
    endS = atS;
    draw.version([{ tests, at: () => atS }]);
  });
  for (let held = draw.whole(5, 20); held > 0; held--) {
    const atS = draw.chance.uniform(0, endS);
    const devicesOf = [{ labels: [`desk${draw.whole(0, devices - 1)}`] }];
    const durationS = () => draw.chance.uniform(600, 2400);
    draw.version([{ tests: 1, org: 'people', priority: 9, devices: devicesOf, at: () => atS, durationS }], 0);
  }
}

/** 2-8 each of Android and iOS emulators and two phones; load 0.4-0.8, 40-80 versions, each on one to four kinds that overlap. */
export function everywhereAtOnce(draw: Draw): void {
  draw.devices(draw.whole(2, 8), { target: 'emulator', platform: 'android' });
  draw.devices(draw.whole(2, 8), { target: 'emulator', platform: 'ios' });
  draw.devices(draw.whole(2, 8), { target: 'device', platform: 'android', model: 'Pixel 8' });
  draw.devices(draw.whole(2, 8), { target: 'device', platform: 'android', model: 'Galaxy S24' });
  const places = [
    { target: 'emulator', devices: [{ platform: 'android' }] },
    { target: 'emulator', devices: [{ platform: 'ios' }] },
    { target: 'device', devices: [] },
    { target: 'device', devices: [{ model: 'Pixel 8' }] },
  ] satisfies Partial<Batch>[];
  const paced = { load: draw.chance.uniform(0.4, 0.8), versions: draw.whole(40, 80), tests: draw.scale(4, 16) };
  arrive(draw, paced, (atS, tests) => {
    const chosen = places.filter(() => draw.happens(0.5));
    const spread = chosen.length > 0 ? chosen : places.slice(0, 1);
    draw.version(
      spread.map((place) => ({ ...place, tests: Math.max(1, Math.round(tests / spread.length)), at: () => atS })),
    );
  });
}

/** 4-24 devices of two OS versions, 1-6 organisations, 60-120 versions in a burst and a stream, sizes and priorities of all kinds. */
export function anything(draw: Draw): void {
  draw.devices(draw.whole(2, 12), { target: 'emulator', os_version: '13' });
  draw.devices(draw.whole(2, 12), { target: 'emulator', os_version: '14' });
  const [orgs, burst] = [draw.whole(1, 6), draw.chance.uniform(0, 1)];
  const paced = { load: draw.chance.uniform(0.4, 1.1), versions: draw.whole(60, 120), tests: draw.scale(2, 12) };
  arrive(draw, paced, (atS, tests) => {
    const releasedS = draw.happens(burst) ? 0 : atS;
    draw.version([
      {
        tests: draw.happens(0.05) ? tests * 8 : tests,
        org: `org${draw.whole(1, orgs)}`,
        priority: draw.chance.pick([2, 5, 5, 5, 8]),
        devices: draw.happens(0.3) ? [{ os_version: draw.chance.pick(['13', '14']) }] : [],
        at: (test) => releasedS + (draw.happens(0.1) ? test * 20 : 0),
      },
    ]);
  });
}
