import { number, ratioOf, type Spread, spreadOf, spreadText, table } from './statistics.ts';

/** Everything measured, each by name with a value per round. */
export type Rounds = Record<string, number[]>;

interface Goal {
  name: string;
  value(rounds: Rounds): Spread;
  /** What the median has to reach, or may not pass. */
  must: { atLeast: number } | { atMost: number };
}

const ratio =
  (one: string, other: string) =>
  (rounds: Rounds): Spread =>
    ratioOf(rounds[one] ?? [], rounds[other] ?? []);

/** The goals that one server over HTTP can be held to; each ratio is of one run and one round. */
const goals: readonly Goal[] = [
  { name: 'G1 submit ÷ plainjob at FULL', value: ratio('submit', 'plainjobEnqueue'), must: { atLeast: 2 } },
  { name: 'G1 submit ÷ pg-boss', value: ratio('submit', 'pgBossEnqueue'), must: { atLeast: 6 } },
  { name: 'G2 claim + complete ÷ plainjob at FULL', value: ratio('next', 'plainjobComplete'), must: { atLeast: 2.5 } },
  { name: 'G2 claim + complete ÷ pg-boss', value: ratio('next', 'pgBossComplete'), must: { atLeast: 5 } },
  { name: 'G4 group commit ÷ one commit per request', value: ratio('submit', 'each'), must: { atLeast: 5 } },
  { name: 'G4 FULL ÷ NORMAL, both grouped', value: ratio('submit', 'normal'), must: { atLeast: 0.75 } },
  { name: 'G4 group ÷ each, one connection', value: ratio('submitAlone', 'eachAlone'), must: { atLeast: 0.95 } },
  { name: 'G6 stack without a database ÷ bare Hono', value: ratio('constant', 'hono'), must: { atLeast: 0.5 } },
  {
    name: 'G6 its p99 at 64 connections, ms',
    value: ({ constantP99 = [] }) => spreadOf(constantP99),
    must: { atMost: 15 },
  },
];

export function goalsText(rounds: Rounds): string {
  const rows = goals.map(({ name, value, must }) => {
    const spread = value(rounds);
    const wanted = 'atLeast' in must ? `≥ ${number(must.atLeast)}` : `≤ ${number(must.atMost)}`;
    const reached = 'atLeast' in must ? spread.median >= must.atLeast : spread.median <= must.atMost;
    return [name, spreadText(spread), wanted, reached ? 'reached' : 'NOT REACHED'];
  });
  return table([['goal', 'median (min–max)', 'must', ''], ...rows]);
}
