import { symbolOf } from '../../client/describe.ts';
import type { Job } from '../../contract/job.ts';
import type { Colour, Style } from './style.ts';

const colours: Record<string, Colour> = {
  queued: 'dim',
  assigned: 'cyan',
  running: 'cyan',
  passed: 'green',
  failed: 'red',
  cancelled: 'dim',
  superseded: 'dim',
};

/** One character for how a job or a run stands, in its colour. */
export function colouredSymbol(of: Pick<Job, 'conclusion'> & { status: string }, style: Style): string {
  return style(colours[of.conclusion ?? of.status] ?? 'yellow', symbolOf(of));
}
