import type { Github } from '../../test/support/github/github.ts';
import type { CheckRun } from '../../test/support/github/state.ts';
import type { PlannedRun } from './github-runs.ts';

/** After an outage everything is right within this long. */
const allowedMs = 5 * 60_000;
/** Of one installation. */
const leastGapMs = 1_000;
/** A check run shows so many annotations at most. */
const mostAnnotations = 200;

export interface OutageVerdict {
  figures: Record<string, number>;
  /** Promises that were broken; none when all is well. */
  broken: string[];
}

/** Compares what GitHub shows with what happened. */
export function judgeOutage(
  github: Github,
  runs: (PlannedRun & { id: string })[],
  { recoveredMs }: { recoveredMs: number },
): OutageVerdict {
  const shown = Map.groupBy(github.checkRuns(), ({ externalId }) => externalId);
  const wrong = runs.flatMap((run) => wrongWith(run, shown.get(`${run.id}:1`) ?? []));
  const tooEarly = github.tooEarly().length;
  const paces = [...github.state.installations.keys()].map((id) => github.pace(id));
  const smallestGapMs = Math.min(...paces.map((pace) => pace.smallestGapMs));
  const mostAtOnce = Math.max(...paces.map((pace) => pace.mostAtOnce));
  const checks: [boolean, string][] = [
    [recoveredMs <= allowedMs, `it took ${recoveredMs / 1_000} s after the outage`],
    [tooEarly === 0, `${tooEarly} requests came before the time a limit had named`],
    [smallestGapMs >= leastGapMs, `two writes of one installation came ${smallestGapMs} ms apart`],
    [mostAtOnce <= 1, `${mostAtOnce} writes of one installation were under way at once`],
    [
      github.violations.length === 0,
      `GitHub refused ${github.violations.length} requests: ${JSON.stringify(github.violations[0])}`,
    ],
    [github.checkRuns().length === runs.length, `${github.checkRuns().length} check runs for ${runs.length} runs`],
  ];
  return {
    figures: {
      runs: runs.length,
      checkRuns: github.checkRuns().length,
      annotations: github.checkRuns().reduce((sum, { annotations }) => sum + annotations.length, 0),
      requests: github.requests.length,
      failedRequests: github.requests.filter(({ fault }) => fault !== null).length,
      tooEarly,
      smallestGapMs,
      recoveredSeconds: recoveredMs / 1_000,
    },
    broken: [...wrong.slice(0, 20), ...checks.filter(([holds]) => !holds).map(([, text]) => text)],
  };
}

function wrongWith({ id, failures }: PlannedRun & { id: string }, shown: CheckRun[]): string[] {
  const [check, ...doubles] = shown;
  if (!check) return [`${id} has no check run`];
  if (doubles.length > 0) return [`${id} has ${shown.length} check runs`];
  const conclusion = failures === 0 ? 'success' : 'failure';
  const expected = Math.min(failures, mostAnnotations);
  const lines = new Set(check.annotations.map(({ start_line }) => start_line));
  if (check.status !== 'completed' || check.conclusion !== conclusion)
    return [`${id} is ${check.status} ${check.conclusion}, not ${conclusion}`];
  if (check.annotations.length !== expected || lines.size !== expected)
    return [`${id} has ${check.annotations.length} annotations on ${lines.size} lines, not ${expected}`];
  return [];
}
