import { answersByMarker, type Evidence, sentByMarker } from './evidence.ts';
import type { HavocLedger } from './havoc.ts';
import { figures, medianAndMost } from './report.ts';

/** What happened, in figures. */
export function summary({
  evidence,
  havoc,
  replays,
  startsMs,
  settleMs,
}: {
  evidence: Evidence;
  havoc: HavocLedger;
  replays: number;
  startsMs: readonly number[];
  settleMs: number;
}): string {
  const { acknowledged, journals, records } = evidence;
  const sent = [...sentByMarker(journals).values()];
  const answers = [...answersByMarker(journals).values()].flat();
  const refused = new Set(answers.filter(({ code }) => code === 'lease_lost').map(({ marker }) => marker));
  const lost = records.attempts.filter(({ outcome }) => outcome === 'lost').length;
  const concluded = Object.entries(Object.groupBy(records.jobs, ({ conclusion }) => conclusion ?? 'none'));
  return figures([
    ['submissions acknowledged', `${acknowledged.length}, of ${acknowledged.flatMap((one) => one.jobIds).length} jobs`],
    ['sent again with their key', replays],
    ['jobs concluded', concluded.map(([name, jobs]) => `${jobs?.length} ${name}`).join(', ')],
    ['attempts stored', `${records.attempts.length}, ${lost} of them lost with their agent`],
    ['jobs handed out again', requeues(evidence)],
    ['server killed', `${havoc.serverKills} times, told to stop ${havoc.serverStops} times`],
    ['server ready again after', medianAndMost(startsMs.slice(1))],
    ['agents killed, frozen', `${havoc.agentKills}, ${havoc.agentFreezes}`],
    ['leases', `${records.leases.length}, ${records.leases.filter(({ status }) => status === 'lost').length} lost`],
    ['results sent', `${sent.length}, ${sent.filter(({ late }) => late).length} of them late on purpose`],
    ['results refused as late', refused.size],
    ['results repeated and known', answers.filter(({ stored }) => stored === 'already_stored').length],
    ['settled after', `${(settleMs / 1000).toFixed(1)} s of peace`],
  ]);
}

/** How often a job was handed out beyond its first time. */
function requeues({ journals, records }: Evidence): number {
  const claims = journals.flatMap((entry) => (entry.kind === 'claimed' ? entry.jobIds : []));
  return Math.max(0, claims.length - records.jobs.length);
}
