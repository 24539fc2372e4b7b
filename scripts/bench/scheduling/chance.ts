/** Numbers that look random and are the same for the same seed. */
export function createChance(seed: number) {
  let state = (seed * 2_654_435_761) >>> 0;
  // mulberry32
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  return {
    uniform: (from: number, to: number) => from + (to - from) * unit(),
    exponential: (mean: number) => -mean * Math.log(1 - unit()),
    /** Whole numbers from 1. */
    geometric: (mean: number) => 1 + Math.floor(Math.log(1 - unit()) / Math.log(1 - 1 / mean)),
    pareto: (least: number, shape: number) => least / (1 - unit()) ** (1 / shape),
    lognormal: (median: number, sigma: number) => median * Math.exp(sigma * normal()),
    pick: <T>(from: readonly [T, ...T[]]): T => from[Math.floor(unit() * from.length)] ?? from[0],
  };
}

export type Chance = ReturnType<typeof createChance>;
