import type { Trace } from '../../../contract/trace.ts';

/** One line of a schedule, as `qgjob simulate` prints it. */
export interface Scheduled {
  job_id: string;
  device_id: string;
  start_s: number;
  end_s: number;
  installed: boolean;
}

type Job = Trace['jobs'][number];
type Device = Trace['devices'][number];

const roundingS = 1e-6;

/**
 * What is wrong with a schedule of a trace, as sentences; none if it could be. Knows nothing of the simulator: it reads the
 * trace and the schedule, and what the words in them mean.
 */
export function faultsOf(trace: Trace, schedule: readonly Scheduled[]): string[] {
  const jobs = new Map(trace.jobs.map((job) => [job.id, job]));
  const devices = new Map(trace.devices.map((device) => [device.id, device]));
  const ran = new Map<string, number>();
  for (const { job_id } of schedule) ran.set(job_id, (ran.get(job_id) ?? 0) + 1);
  const faults = trace.jobs
    .map((job) => ({
      job,
      times: ran.get(job.id) ?? 0,
      due: trace.devices.some((device) => suits(device, job)) ? 1 : 0,
    }))
    .filter(({ times, due }) => times !== due)
    .map(({ job, times, due }) => `job ${job.id} ran ${times} times instead of ${due}`);
  for (const one of schedule) {
    const [job, device] = [jobs.get(one.job_id), devices.get(one.device_id)];
    if (!job || !device) faults.push(`job ${one.job_id} on device ${one.device_id} is not of the trace`);
    else faults.push(...faultsOfOne(one, job, device));
  }
  for (const [version, own] of Map.groupBy(ofClouds(schedule, jobs), ({ version: of }) => of)) {
    // one upload serves all of a cloud's devices
    const firstS = Math.min(...own.map(({ start_s }) => start_s));
    const uploads = own.filter(({ installed }) => installed);
    if (uploads.length !== 1 || uploads.some(({ start_s }) => start_s > firstS + roundingS))
      faults.push(`version ${version} is uploaded ${uploads.length} times, or too late`);
  }
  for (const [id, own] of Map.groupBy(schedule, ({ device_id }) => device_id)) {
    faults.push(...faultsOfDevice(id, own, jobs, trace.install_s));
  }
  return faults;
}

function faultsOfOne({ start_s, end_s }: Scheduled, job: Job, device: Device): string[] {
  const faults = [];
  if (!suits(device, job)) faults.push(`job ${job.id} ran on device ${device.id}, which does not suit it`);
  if (start_s < job.release_s - roundingS) faults.push(`job ${job.id} started before it was released`);
  if (Math.abs(end_s - start_s - job.duration_s) > roundingS) faults.push(`job ${job.id} did not take its time`);
  return faults;
}

/** One after another; an install, with its time, exactly where the app changes. */
function faultsOfDevice(
  id: string,
  own: readonly Scheduled[],
  jobs: ReadonlyMap<string, Job>,
  installS: Trace['install_s'],
): string[] {
  const faults = [];
  let [freeS, on] = [0, ''];
  for (const { job_id, start_s, end_s, installed } of [...own].sort((a, b) => a.start_s - b.start_s)) {
    const job = jobs.get(job_id);
    if (!job) continue;
    const app = `${job.org_id} ${job.app_version_id}`;
    const isCloud = job.target === 'browserstack';
    if (!isCloud && installed !== (app !== on))
      faults.push(`device ${id}: job ${job_id} ${installed ? 'installs' : 'lacks'} its app`);
    const takesS = installed && !isCloud ? (installS[job.app_version_id] ?? 0) : 0;
    const readyS = Math.max(freeS, job.release_s) + takesS;
    const leastS = installed ? Math.min(readyS, freeS + takesS) : freeS;
    if (start_s < leastS - roundingS) faults.push(`device ${id}: job ${job_id} starts before the device is ready`);
    [freeS, on] = [end_s, app];
  }
  return faults;
}

function ofClouds(schedule: readonly Scheduled[], jobs: ReadonlyMap<string, Job>) {
  return schedule.flatMap((one) => {
    const job = jobs.get(one.job_id);
    return job?.target === 'browserstack' ? [{ ...one, version: `${job.org_id} ${job.app_version_id}` }] : [];
  });
}

function suits(device: Device, job: Job): boolean {
  if (device.target !== job.target) return false;
  const wanted = job.devices ?? [];
  if (wanted.length === 0) return true;
  return wanted.some(
    ({ platform, model, os_version, labels }) =>
      (!platform || (device.platform ?? 'android') === platform) &&
      (!model || device.model?.toLowerCase() === model.toLowerCase()) &&
      (!os_version || device.os_version === os_version || !!device.os_version?.startsWith(`${os_version}.`)) &&
      (labels ?? []).every((label) => device.labels?.includes(label)),
  );
}
