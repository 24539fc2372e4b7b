import { describe, expect, test } from 'vitest';
import { setAsideMs } from '../../server/domain/blame-matrix.ts';
import { asReason } from '../../server/domain/device-rest.ts';
import { type ExplainInput, explainWait } from '../../server/domain/explain/explain.ts';
import type { Device, Group } from '../../server/domain/model.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { aDevice, aGroup, aJob } from './factories.ts';

const group = aGroup({ id: 'mine', headEnqueuedAt: 5000 });
const queued = aJob({ status: 'queued', groupId: 'mine', createdAt: 5000, enqueuedAt: 5000 });
const older = aGroup({ id: 'older', appVersionId: '0.9', queued: 3, workMs: 180_000, headEnqueuedAt: 1000 });

function explain(over: Partial<ExplainInput>) {
  return explainWait({
    job: queued,
    group,
    groups: [group],
    devices: [],
    orgs: new Map(),
    policy: defaultPolicy,
    now: 65_000,
    ...over,
  });
}
const online = (device: Partial<Device> = {}, leased: ExplainInput['devices'][number]['leased'] = null) => ({
  device: aDevice({ state: leased ? 'busy' : 'idle', ...device }),
  agentName: 'mac',
  orgId: null,
  away: null,
  leased,
});

/** In the middle of one of its jobs. */
const at = (serves: Group) => ({ serves, estimateMs: 60_000, ranMs: 30_000 });

describe('the explanation of a wait', () => {
  test('says that no device of the target is registered', () => {
    const { summary, etaSeconds } = explain({ devices: [online({ target: 'device' })] });
    expect(summary).toBe('No device of target emulator is registered.');
    expect(etaSeconds).toBeNull();
  });

  test('says what was asked for when no device fits, and how to get one', () => {
    const ios = { ...group, devices: [{ platform: 'ios' as const, labels: ['lab'] }, { os_version: '17' }] };
    const { summary, suggestions, devices } = explain({ group: ios, devices: [online()] });
    expect(summary).toBe(
      'No registered device fits: target=emulator platform=ios,label=lab or os=17 (1 device of that target do not).',
    );
    expect(suggestions).toHaveLength(1);
    expect(devices).toEqual({ registered: 1, online: 1, compatible: 0, free: 0, withAppInstalled: 0 });
  });

  test('says that the devices that fit are offline, unhealthy ones among them', () => {
    const silent = { ...online(), away: { why: 'silent' as const, sinceAt: 0 } };
    const low = { state: 'unhealthy' as const, stateReason: 'its battery is at 3 %.', stateChangedAt: 60_000 };
    const explained = explain({ devices: [silent, online({ id: 'R5CR', ...low })] });
    expect(explained.summary).toBe(
      '2 of 2 emulator devices fit, but none takes jobs now.' +
        ' Pixel 8 (emulator-1) takes no jobs since 1970-01-01 00:00 UTC: nothing is heard of its agent mac.' +
        ' Pixel 8 (R5CR) takes no jobs since 1970-01-01 00:01 UTC: its battery is at 3 %.',
    );
    expect(explained.suggestions).toEqual([
      expect.stringContaining('Start agent mac again'),
      expect.stringContaining('See to Pixel 8 (R5CR)'),
    ]);
    expect(explained.etaSeconds).toBeNull();
    expect(explained.devices).toMatchObject({ registered: 2, online: 0, compatible: 2 });
  });

  test('says since when a device is set aside, why, and how it comes back', () => {
    const suspicion = { tests: ['a', 'b', 'c'], passes: 0 };
    const aside = online({ id: 'R5CR', suspicion, suspectUntil: 65_000 + setAsideMs });
    const { summary, suggestions, candidates } = explain({ devices: [aside] });
    expect(summary).toBe(
      '1 of 1 emulator device fits, but it takes no jobs now. Pixel 8 (R5CR) has been set aside since 1970-01-01 00:01 UTC: ' +
        '3 different test files failed on it and passed on other devices.',
    );
    expect(suggestions).toEqual([
      'Once Pixel 8 (R5CR) is in order: `qgjob devices --release=R5CR`; else it is tried again at 1970-01-01 00:31 UTC.',
    ]);
    expect(candidates).toMatchObject([{ device: 'R5CR', state: 'set_aside', rest: { sinceAt: 65_000 } }]);
  });

  test('tells of a few devices that rest, of silent agents only where nobody works, and counts the others', () => {
    const low = (id: string) => online({ id, model: null, state: 'unhealthy', stateReason: `${id} is low.` });
    const silent = { ...online({ id: 'old' }), away: { why: 'silent' as const, sinceAt: 0 } };
    const { summary } = explain({ devices: [...['a', 'b', 'c', 'd', 'e'].map(low), silent, online()] });
    expect(summary).toMatch(/ a takes no jobs .*: a is low\. b takes .* c is low\. 2 more devices rest\.$/);
    expect(summary).not.toContain('old');
  });

  test('tells of a device nothing is known of yet, for it may be the one that is waited for', () => {
    const asking = { ...group, devices: [{ model: 'Pixel 7' }] };
    const unknown = online({ id: 'R5CR', model: null, state: 'offline', stateReason: 'unauthorized: unlock it.' });
    expect(explain({ group: asking, devices: [unknown] }).summary).toContain(
      'R5CR has not been there since 1970-01-01 00:00 UTC: unauthorized: unlock it.',
    );
  });

  test('shows hostile names and reasons as one harmless line, and as one word of a command', () => {
    const id = `x'; rm -rf ~ #`;
    const suspicion = { tests: ['a', 'b', 'c'], passes: 0 };
    const devices = [
      online({ id, model: 'Pixel\u202e 8\u001b[31m', suspicion, suspectUntil: 65_000 + setAsideMs }),
      online({
        id: 'low',
        state: 'unhealthy',
        stateReason: asReason(`first\n\u001b]0;title\u0007${'x'.repeat(9000)}`),
      }),
    ];
    const { summary, suggestions } = explain({ devices });
    expect(summary).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(summary.length).toBeLessThan(1200);
    expect(suggestions[0]).toContain(`--release='x'\\''; rm -rf ~ #'`);
  });

  test('says what is ahead and that the device is busy', () => {
    const devices = [online({}, at(older)), online({ platform: 'ios' }), online({ platform: 'ios' })];
    const asking = { ...group, devices: [{ platform: 'android' as const }] };
    const explained = explain({ group: asking, groups: [older, asking], devices });
    expect(explained.summary).toBe(
      '1 group and up to 3 jobs are ahead; 1 of 3 emulator devices fits and the one online is busy.',
    );
    expect(explained).toMatchObject({ groupsAhead: 1, jobsAhead: 3, waitingSeconds: 60, etaSeconds: 255 });
  });

  test('says that nothing is ahead and a device is free', () => {
    const installed = { org_id: 'acme', app_version_id: '1.0', sha256: null };
    const explained = explain({ devices: [online({ installed })] });
    expect(explained.summary).toBe('Nothing is ahead; 1 of 1 emulator device fits and 1 is free.');
    expect(explained).toMatchObject({ etaSeconds: 0, devices: { free: 1, withAppInstalled: 1 } });
  });

  test('counts the jobs of its own group before it, exactly when told', () => {
    const late = { ...queued, enqueuedAt: 9000 };
    const busy = { ...group, queued: 8 };
    expect(explain({ job: late, group: busy, devices: [online()] }).jobsAhead).toBe(7);
    expect(explain({ job: late, group: busy, devices: [online()], jobsAheadInGroup: 2 }).jobsAhead).toBe(2);
  });

  test('does not count groups that come later, have no jobs or run on other devices', () => {
    const newer = aGroup({ id: 'newer', headEnqueuedAt: 9000 });
    const empty = { ...older, queued: 0 };
    const elsewhere = { ...older, id: 'elsewhere', devices: [{ platform: 'ios' as const }] };
    const lessUrgent = { ...older, id: 'less', headPriority: 1 };
    const explained = explain({ groups: [newer, empty, elsewhere, lessUrgent], devices: [online()] });
    expect(explained).toMatchObject({ groupsAhead: 0, jobsAhead: 0 });
  });

  test('counts a newer group of higher priority, of its own organisation only', () => {
    const urgent = aGroup({ id: 'urgent', headPriority: 9, headEnqueuedAt: 9000, queued: 2 });
    const devices = [online()];
    expect(explain({ groups: [urgent], devices })).toMatchObject({ groupsAhead: 1, jobsAhead: 2 });
    expect(explain({ groups: [{ ...urgent, orgId: 'other' }], devices })).toMatchObject({ groupsAhead: 0 });
  });

  test('counts what a busy device has left to drain of its group', () => {
    const newer = aGroup({ id: 'newer', headEnqueuedAt: 9000, queued: 100 });
    const devices = [online({}, at(newer))];
    expect(explain({ groups: [newer], devices })).toMatchObject({ groupsAhead: 1, jobsAhead: 100 });
  });

  test('suggests more devices when the line is long', () => {
    const long = { ...older, queued: 50 };
    expect(explain({ groups: [long], devices: [online()] }).suggestions).toHaveLength(2);
  });
});

test('a job that waits no more says where it stands', () => {
  const at = (over: Parameters<typeof aJob>[0]) => explain({ job: aJob({ createdAt: 5000, ...over }) });
  expect(at({ status: 'assigned' }).summary).toBe('A device has taken the job; its runner has not started yet.');
  expect(at({ status: 'running', startedAt: 8000 })).toMatchObject({
    summary: 'The job is running.',
    waitingSeconds: 3,
  });
  expect(at({ status: 'completed', conclusion: 'passed' }).summary).toBe('The job has completed (passed).');
  const failed = at({ status: 'completed', conclusion: 'timed_out', reason: 'No device took it.', completedAt: 9000 });
  expect(failed).toMatchObject({
    summary: 'The job has completed (timed out): No device took it.',
    waitingSeconds: 4,
    etaSeconds: null,
  });
});

describe('the explanation of a wait between organisations', () => {
  test('says that the organisation is at its limit, and what would help', () => {
    const orgs = new Map([['acme', { usageMs: 0, weight: 1, room: 0, active: 1 }]]);
    const { summary, suggestions, etaSeconds } = explain({ devices: [online()], orgs });
    expect(summary).toBe(
      'The organisation holds as many jobs at once as it may (max_active_jobs); 1 of 1 emulator device fits.',
    );
    expect(suggestions).toEqual([expect.stringContaining('max_active_jobs')]);
    expect(etaSeconds).toBeNull();
  });

  test('counts groups of an organisation that has used less as ahead, however young they are', () => {
    const young = aGroup({ id: 'young', orgId: 'zeta', appVersionId: '2.0', queued: 2, headEnqueuedAt: 60_000 });
    const use = (usageMs: number) => ({ usageMs, weight: 1, room: Number.POSITIVE_INFINITY, active: 0 });
    const orgs = new Map([
      ['acme', use(360_000_000)],
      ['zeta', use(0)],
    ]);
    const ahead = (given: Partial<ExplainInput>) =>
      explain({ groups: [group, young], devices: [online()], ...given }).groupsAhead;
    expect([ahead({}), ahead({ orgs })]).toEqual([0, 1]);
  });
});
