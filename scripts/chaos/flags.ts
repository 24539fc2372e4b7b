import { parseArgs } from 'node:util';

export interface Flags {
  /** How long servers and agents are being killed. */
  seconds: number;
  jobs: number;
  seed: number;
  /** A Postgres to use in place of a temporary SQLite file; it should be empty. */
  database: string | null;
  /** Leaves the folder with the database and the journals behind. */
  keep: boolean;
}

/** @throws TypeError for a flag that is not known, RangeError for a number that is none */
export function readFlags(args: string[]): Flags {
  const { values } = parseArgs({
    args,
    options: {
      short: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      jobs: { type: 'string' },
      seed: { type: 'string' },
      database: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  return {
    seconds: whole('seconds', values.seconds, values.short ? 15 : 120),
    jobs: whole('jobs', values.jobs, values.short ? 150 : 1000),
    seed: whole('seed', values.seed, Math.floor(Math.random() * 1e9)),
    database: values.database ?? null,
    keep: values.keep,
  };
}

function whole(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${name} takes a whole number, not ${text}`);
  return Number(text);
}
