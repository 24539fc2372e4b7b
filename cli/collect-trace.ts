import { exitCodes } from '../client/exit-codes.ts';
import { UserError } from '../client/user-error.ts';
import type { Client } from '../contract/client.ts';
import { type Trace, type TraceDevice, type TracePage, traceLimits } from '../contract/trace.ts';

/**
 * What really happened since then, page by page, as a trace: jobs in the order of their release, seconds from the first one.
 * @throws UserError when it is more than a trace may hold
 */
export async function collectTrace(client: Client, query: { since: string; org_id?: string }): Promise<Trace> {
  const jobs: TracePage['jobs'] = [];
  const devices = new Map<string, TraceDevice>();
  let installS: Trace['install_s'] = {};
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const { body } = await client.exportTrace({ query: { ...query, cursor } });
    jobs.push(...body.jobs);
    // the first page is the newest: what it says of a device or an app version stands
    for (const device of body.devices) if (!devices.has(device.id)) devices.set(device.id, device);
    installS = { ...body.install_s, ...installS };
    if (jobs.length > traceLimits.jobs || devices.size > traceLimits.devices) throw tooMuch();
    cursor = body.next_cursor;
  }
  // the newest came first, and those of one instant stay in the order of their creation
  jobs.reverse().sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  const first = Date.parse(jobs[0]?.created_at ?? query.since);
  return {
    devices: [...devices.values()],
    jobs: jobs.map(({ id, created_at, ...job }) => ({
      id,
      release_s: (Date.parse(created_at) - first) / 1000,
      ...job,
    })),
    install_s: installS,
  };
}

function tooMuch(): UserError {
  const { jobs, devices } = traceLimits;
  return new UserError(`That is more than a trace may hold: ${jobs} jobs, ${devices} devices.`, exitCodes.usage, [
    'Give a shorter --since, or one organisation with --org-id.',
  ]);
}
