import { describe, expect, test } from 'vitest';
import { controls, runControls } from '../../scripts/chaos/controls.ts';
import { judge, promises } from '../../scripts/chaos/judge.ts';
import { flawlessEvidence } from './chaos-evidence.ts';

describe('the judge of a chaos run', () => {
  test('finds nothing in a run that went by the book', () => {
    expect(judge(flawlessEvidence()).flatMap(({ contradictions }) => contradictions)).toEqual([]);
  });

  test.each(controls)('notices that $fault', ({ forge, noticedBy }) => {
    const evidence = flawlessEvidence();
    forge(evidence);
    expect(noticedBy.contradictions(evidence)).not.toEqual([]);
  });

  test('has a fault to try on each of its promises', () => {
    expect(runControls(flawlessEvidence())).toEqual({ unnoticed: [], untried: [] });
    expect(new Set(controls.map(({ noticedBy }) => noticedBy)).size).toBe(promises.length);
  });

  test('refuses to judge its checks by a run in which nothing happened', () => {
    const evidence = flawlessEvidence();
    evidence.records.attempts = [];
    expect(() => runControls(evidence)).toThrow('nothing happened');
  });

  test('takes the end of a lease for the moment after which its results are late', () => {
    const evidence = flawlessEvidence();
    evidence.records.leases = [{ id: 'lse_1', status: 'lost', endedAt: 1 }];
    const late = judge(evidence).find(({ promise }) => promise.startsWith('no late result'));
    expect(late?.contradictions).toContain('late result m job_a was accepted');
  });

  test('counts a job that is under a lease among the active of its group and its run', () => {
    const evidence = flawlessEvidence();
    Object.assign(evidence.records.jobs[0] ?? {}, { status: 'running' });
    const texts = judge(evidence).flatMap(({ contradictions }) => contradictions);
    expect(texts).toContain('group grp_1 counts 0 waiting and 0 active, wrongly');
    expect(texts).toContain('run run_1 counts 0 waiting and 0 active, wrongly');
  });
});
