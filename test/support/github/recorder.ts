import type { Fields } from './exchange.ts';
import type { Fault } from './faults.ts';

export interface RecordedRequest {
  method: string;
  /** With the query, without the host. */
  path: string;
  /** Null when GitHub has no such route. */
  route: string | null;
  /** Whose token came with it; null for App and other credentials. */
  installationId: number | null;
  /** `owner/name` of the path. */
  repository: string | null;
  body: Fields;
  /** On GitHub's clock, in milliseconds with a fraction. */
  startedAt: number;
  /** Null while unanswered. */
  endedAt: number | null;
  /** Null when it got no answer. */
  status: number | null;
  fault: Fault['kind'] | null;
  /** Unanswered writes of the same installation when this one came, itself included; 0 when this is no write. */
  writesAtOnce: number;
  /** Came before the time a limit had named to this installation. */
  tooEarly: boolean;
}

/** How an installation's writes (all but GET; minting tokens is none) came in. */
export interface Pace {
  writes: number;
  /** Between the starts of two writes; Infinity with fewer than two. */
  smallestGapMs: number;
  /** Of one installation. */
  mostAtOnce: number;
}

export function isWrite({ method, route }: Pick<RecordedRequest, 'method' | 'route'>): boolean {
  return method !== 'GET' && route?.startsWith(`${method} /repos/`) === true;
}

/** @param installationId of all installations unless told */
export function paceOf(requests: RecordedRequest[], installationId?: number): Pace {
  const writes = requests.filter(
    (one) => isWrite(one) && (installationId === undefined || one.installationId === installationId),
  );
  const starts = writes.map(({ startedAt }) => startedAt).sort((a, b) => a - b);
  const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? at));
  return {
    writes: writes.length,
    smallestGapMs: gaps.reduce((least, gap) => Math.min(least, gap), Infinity),
    mostAtOnce: writes.reduce((most, one) => Math.max(most, one.writesAtOnce), 0),
  };
}
