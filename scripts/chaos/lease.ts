import { randomUUID } from 'node:crypto';
import { type Claim, type JobResult, type LeasedJob, ResultAccepted, ResultsAccepted } from '../../contract/agent.ts';
import type { ReportedOutcome, TestStatus } from '../../contract/words.ts';
import { type Answer, callUntilAnswered, pause, type Request } from './call.ts';
import type { DeviceDesk, Held, Shift } from './device.ts';

type Body = typeof JobResult._zod.input;

/** Drains a lease, misbehaving on purpose now and then; ends when there is nothing left under it or when it is lost. */
export async function workLease(shift: Shift, desk: DeviceDesk, held: Held, claim: Claim): Promise<void> {
  const { random, note, leaseMs } = shift;
  const { id: leaseId } = claim.lease;
  const { org_id, app_version_id, sha256 } = claim.app_version;

  /** A write under the lease, until it is answered or the lease is lost. */
  async function write(method: Request['method'], path: string, rest: Partial<Request> = {}): Promise<Answer> {
    const headers = { 'qgjob-lease-token': claim.lease.token, ...rest.headers };
    const request = { ...rest, method, path: `/v1/leases/${leaseId}${path}`, key: shift.key, headers };
    const answer = await callUntilAnswered(shift.base, request, () => true);
    if (answer.code === 'lease_lost' && headers['qgjob-lease-token'] === claim.lease.token) held.lost();
    return answer;
  }

  function expect(what: string, answer: Answer, allowed: (number | string)[]): void {
    if (allowed.includes(answer.code ?? answer.status)) return;
    note({ kind: 'broken', at: Date.now(), text: `${what} was answered ${answer.status} ${answer.code ?? ''}` });
  }

  /** Notes what is about to be sent, sends it, and notes what came back. */
  async function putResult(job: LeasedJob, body: Body, marker: string, late: boolean, next = 0): Promise<LeasedJob[]> {
    note({ kind: 'sent', at: Date.now(), leaseId, jobId: job.id, marker, outcome: body.outcome, late });
    const bulk = random.chance(0.15);
    const answer = bulk
      ? await write('POST', '/results', { json: { results: [{ job_id: job.id, ...body }], next } })
      : await write('PUT', `/jobs/${job.id}/result${next > 0 ? `?next=${next}` : ''}`, { json: body });
    const { code, stored, jobs } = bulk ? readBulk(answer) : readSingle(answer);
    note({ kind: 'answered', at: Date.now(), marker, status: answer.status, code, stored });
    expect('a result', { ...answer, code }, [200, 'lease_lost', 'result_conflict']);
    for (const further of jobs) held.jobIds.add(further.id);
    if (jobs.length > 0) note({ kind: 'claimed', at: Date.now(), leaseId, jobIds: jobs.map((further) => further.id) });
    return jobs;
  }

  const install = claim.install_required ? 'installed' : 'already_installed';
  expect(
    'an install',
    await write('POST', '/install', { json: { result: install, sha256, duration_ms: random.between(5, 50) } }),
    [204, 'lease_lost'],
  );
  const queue = [...claim.jobs];
  for (let job = queue.shift(); job && !held.isLost; job = queue.shift()) {
    if (random.chance(0.03)) {
      expect('a release', await write('POST', '/release', { json: { reason: 'chaos' } }), [200, 'lease_lost']);
      held.lost();
      queue.unshift(job);
      break;
    }
    expect('a start', await write('POST', `/jobs/${job.id}/start`), [204, 'lease_lost']);
    const line = `${org_id}/${app_version_id} ${job.test_path}\n`;
    const range = { 'content-range': `bytes 0-${line.length - 1}/*`, 'content-type': 'application/octet-stream' };
    expect('a log', await write('PATCH', `/jobs/${job.id}/log`, { text: line, headers: range }), [
      202,
      'lease_lost',
      'offset_mismatch',
    ]);
    await pause(random.between(30, 900));
    // a device that comes off its cable for longer than its lease lives, beside an agent that goes on
    desk.silent = random.chance(0.02);
    if (desk.silent) await pause(leaseMs * 1.7);

    const wrong = { headers: { 'qgjob-lease-token': claim.lease.token.split('').reverse().join('') } };
    if (random.chance(0.05)) {
      const { body } = resultOf(job, `${leaseId} wrong token`, 'passed');
      expect('a wrong token', await write('PUT', `/jobs/${job.id}/result`, { json: body, ...wrong }), ['lease_lost']);
    }
    const { body, marker } = resultOf(job, leaseId, outcomeOf(shift));
    if (!held.isLost) queue.push(...(await putResult(job, body, marker, false, random.pick([0, 1, 2]))));
    desk.silent = false;
    held.jobIds.delete(job.id);
    if (!held.isLost && random.chance(0.15)) await putResult(job, body, marker, false);
    if (!held.isLost && random.chance(0.1)) {
      const other = resultOf(job, leaseId, 'failed');
      await putResult(job, other.body, other.marker, false);
    }
    if (held.isLost) queue.unshift(job);
  }
  // an agent that knows it has lost its lease, and reports all the same: nothing of this may be stored
  for (const job of held.isLost ? queue : []) {
    const { body, marker } = resultOf(job, leaseId, 'passed');
    await putResult(job, body, marker, true, random.pick([0, 1]));
  }
}

function outcomeOf({ random }: Shift): ReportedOutcome {
  return random.chance(0.8) ? 'passed' : random.pick(['failed', 'flaky', 'infra_error', 'timed_out', 'cancelled']);
}

/** Three tests whose ids are the job's and whose titles are this one report's. */
function resultOf(job: LeasedJob, leaseId: string, outcome: ReportedOutcome): { body: Body; marker: string } {
  const marker = `${leaseId} ${job.id} ${randomUUID()}`;
  const verdict = outcome === 'passed' || outcome === 'flaky' ? outcome : 'failed';
  const statuses: TestStatus[] = ['passed', verdict, 'skipped'];
  const tests = statuses.map((status, i) => ({
    id: `${job.test_path}:${i}`,
    title: marker,
    title_path: [marker],
    file: job.test_path,
    line: i,
    status,
    retry: 0,
    duration_ms: 1,
    errors: [],
    attachments: [],
  }));
  return { body: { outcome, duration_ms: 1, tests, errors: [] }, marker };
}

function readSingle({ status, code, body }: Answer) {
  if (status !== 200) return { code, stored: null, jobs: [] };
  const { status: stored, jobs } = ResultAccepted.parse(body);
  return { code: null, stored, jobs };
}

function readBulk({ status, code, body }: Answer) {
  if (status !== 200) return { code, stored: null, jobs: [] };
  const { results, jobs } = ResultsAccepted.parse(body);
  const [only] = results;
  const refused = only === undefined || only.status === 'refused';
  return { code: only?.code ?? null, stored: refused ? null : only.status, jobs };
}
