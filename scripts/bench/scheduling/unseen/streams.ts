import { arrive, type Draw } from './draw.ts';

/** Work that keeps coming. Every range is that of one draw per seed. */

/** 6-20 devices, load 0.5-0.95, installs of 2-10 s, tests of 2-15 min: 80-150 versions of 2-8 tests. */
export function smallInstalls(draw: Draw): void {
  draw.devices(draw.whole(6, 20));
  const [installS, testS] = [draw.scale(2, 10), draw.scale(120, 900)];
  const paced = {
    load: draw.chance.uniform(0.5, 0.95),
    versions: draw.whole(80, 150),
    tests: draw.scale(2, 8),
    testS: testS * 1.1,
  };
  arrive(draw, paced, (atS, tests) =>
    draw.version(
      [{ tests, at: () => atS, durationS: () => draw.chance.lognormal(testS, 0.44) }],
      installS * draw.chance.lognormal(1, 0.4),
    ),
  );
}

/** 6-20 devices, 6-12 releases of 40-150 tests, 5-30 min apart however much of the last still waits; hotfixes of 3-10 tests between. */
export function releases(draw: Draw): void {
  draw.devices(draw.whole(6, 20));
  const apartS = draw.scale(300, 1800);
  for (let release = draw.whole(6, 12); release > 0; release--) {
    const [atS, hotfixAtS] = [release * apartS, (release + draw.chance.uniform(0, 1)) * apartS];
    draw.version([{ tests: Math.round(draw.scale(40, 150)), at: () => atS }]);
    if (draw.happens(0.5)) draw.version([{ tests: draw.whole(3, 10), priority: 9, at: () => hotfixAtS }]);
  }
}

/** 4-16 devices, load 0.6-1.1, 80-150 versions of 3-12 tests, each of a priority from 0 to 9. */
export function allPriorities(draw: Draw): void {
  draw.devices(draw.whole(4, 16));
  const paced = { load: draw.chance.uniform(0.6, 1.1), versions: draw.whole(80, 150), tests: draw.scale(3, 12) };
  arrive(draw, paced, (atS, tests) => draw.version([{ tests, priority: draw.whole(0, 9), at: () => atS }]));
}

/** 4-16 devices, load 0.5-0.95, 80-150 versions of 3-12 tests of 10-60 s; in 5-20 % of them tests take 15-25 min instead. */
export function longAmongShort(draw: Draw): void {
  draw.devices(draw.whole(4, 16));
  const [share, shortS] = [draw.chance.uniform(0.05, 0.2), draw.scale(10, 60)];
  const testS = share * 1200 + (1 - share) * shortS;
  const paced = {
    load: draw.chance.uniform(0.5, 0.95),
    versions: draw.whole(80, 150),
    tests: draw.scale(3, 12),
    testS,
  };
  arrive(draw, paced, (atS, tests) => {
    const takesLong = draw.happens(share);
    const durationS = () => (takesLong ? draw.chance.uniform(900, 1500) : shortS * draw.chance.uniform(0.5, 1.5));
    draw.version([{ tests, at: () => atS, durationS }]);
  });
}

/** One device, load 0.6-1.2, 20-60 versions of 2-12 tests; a fifth urgent. */
export function oneDevice(draw: Draw): void {
  draw.devices(1);
  const paced = { load: draw.chance.uniform(0.6, 1.2), versions: draw.whole(20, 60), tests: draw.scale(2, 12) };
  arrive(draw, paced, (atS, tests) => draw.version([{ tests, priority: draw.happens(0.2) ? 8 : 5, at: () => atS }]));
}
