import { describe, expect, test } from 'vitest';
import { reportOf } from '../../../server/domain/simulation/report.ts';

describe('the report of a trace', () => {
  const traceOf = (version: string, durationS: number, installS: Record<string, number>) => ({
    devices: [{ id: 'd', target: 'emulator' as const }],
    jobs: [
      {
        id: 'j',
        release_s: 0,
        org_id: 'acme',
        app_version_id: version,
        target: 'emulator' as const,
        priority: 5,
        duration_s: durationS,
      },
    ],
    install_s: installS,
  });

  test('tests and installs that take no time end at once, and so does their bound', () => {
    expect(reportOf(traceOf('v1', 0, { v1: 0 }))).toMatchObject({ makespan_s: 0, bounds: { makespan_s: 0 } });
  });

  test.each(['constructor', 'toString'])('a version called %s has no install time that it was not given', (version) => {
    expect(reportOf(traceOf(version, 5, {}))).toMatchObject({ makespan_s: 50, bounds: { makespan_s: 5 } });
  });
});
