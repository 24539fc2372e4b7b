import type { Draw } from './draw.ts';

/** Much work at once. Every range is that of one draw per seed. */

/** 6-24 devices, 20-80 versions of 1-60 tests within 5-45 min, Pareto durations from 15 s with a tail of 1.2-2, up to half an hour. */
export function mondayMorning(draw: Draw): void {
  draw.devices(draw.whole(6, 24));
  const [withinS, tail, tests] = [draw.scale(300, 2700), draw.chance.uniform(1.2, 2), draw.scale(3, 20)];
  for (let versions = draw.whole(20, 80); versions > 0; versions--) {
    const atS = Math.min(withinS, draw.chance.exponential(withinS / 3));
    draw.version([
      {
        tests: Math.min(60, draw.chance.geometric(tests)),
        priority: draw.happens(0.1) ? 8 : 5,
        at: () => atS,
        durationS: () => Math.min(1800, draw.chance.pareto(15, tail)),
      },
    ]);
  }
}

/** 6-20 devices, one organisation with 300-900 tests of 1-5 versions, nine with 1-3 versions of 3-15 tests within the hour. */
export function oneFloods(draw: Draw): void {
  draw.devices(draw.whole(6, 20));
  const versions = draw.whole(1, 5);
  const tests = Math.round(draw.scale(300, 900) / versions);
  for (let made = 0; made < versions; made++) draw.version([{ tests, org: 'large' }]);
  for (let org = 1; org <= 9; org++) {
    for (let own = draw.whole(1, 3); own > 0; own--) {
      const atS = draw.chance.uniform(0, 3600);
      draw.version([{ tests: draw.whole(3, 15), org: `small${org}`, at: () => atS }]);
    }
  }
}

/** 4-16 devices, 10-60 versions of 5-60 tests of 1-8 s within 0-30 min, installs of 60-240 s. */
export function hugeInstalls(draw: Draw): void {
  draw.devices(draw.whole(4, 16));
  const [withinS, installS] = [draw.chance.uniform(0, 1800), draw.scale(60, 240)];
  for (let versions = draw.whole(10, 60); versions > 0; versions--) {
    const atS = draw.chance.uniform(0, withinS);
    const tests = Math.round(draw.scale(5, 60));
    draw.version(
      [{ tests, at: () => atS, durationS: () => draw.chance.uniform(1, 8) }],
      installS * draw.chance.lognormal(1, 0.4),
    );
  }
}

/** 2-4 organisations, 6-20 devices, 4-8 waves 10-40 min apart of 3-12 versions of 4-20 tests. */
export function waves(draw: Draw): void {
  draw.devices(draw.whole(6, 20));
  const [orgs, apartS] = [draw.whole(2, 4), draw.scale(600, 2400)];
  for (let wave = draw.whole(4, 8); wave > 0; wave--) {
    for (let versions = draw.whole(3, 12); versions > 0; versions--) {
      const atS = wave * apartS + draw.chance.uniform(0, 60);
      draw.version([{ tests: draw.whole(4, 20), org: `org${draw.whole(1, orgs)}`, at: () => atS }]);
    }
  }
}

/** 4-20 devices, 150-400 versions of one test, a tenth of two, within 1-30 min; a tenth urgent. */
export function pullRequestStorm(draw: Draw): void {
  draw.devices(draw.whole(4, 20));
  const withinS = draw.scale(60, 1800);
  for (let versions = draw.whole(150, 400); versions > 0; versions--) {
    const atS = draw.chance.uniform(0, withinS);
    draw.version([{ tests: draw.happens(0.1) ? 2 : 1, priority: draw.happens(0.1) ? 8 : 5, at: () => atS }]);
  }
}

/** 20-60 devices, 2-4 versions of 30-250 tests within 10 min. */
export function fewVersions(draw: Draw): void {
  draw.devices(draw.whole(20, 60));
  for (let versions = draw.whole(2, 4); versions > 0; versions--) {
    const atS = draw.chance.uniform(0, 600);
    draw.version([{ tests: Math.round(draw.scale(30, 250)), at: () => atS }]);
  }
}
