import { answersByMarker, countBy, type Promised, sentByMarker } from './evidence.ts';

export const acknowledgedResultsStored: Promised = {
  promise: 'every acknowledged result is stored, once',
  contradictions({ journals, records }) {
    const stored = countBy(records.attempts, ({ marker }) => marker ?? '');
    return [...answersByMarker(journals)].flatMap(([marker, answers]) => {
      const told = answers.filter((answer) => answer.stored !== null);
      const found: string[] = [];
      if (told.length > 0 && stored.get(marker) !== 1)
        found.push(`was acknowledged and is stored ${stored.get(marker) ?? 0} times`);
      if (told.filter((answer) => answer.stored === 'stored').length > 1) found.push('was told "stored" twice');
      return found.map((what) => `result ${marker} ${what}`);
    });
  },
};

export const storedResultsWereSent: Promised = {
  promise: 'every stored result is one that the holder of its lease sent for that job',
  contradictions({ journals, records }) {
    const sent = sentByMarker(journals);
    const perLease = countBy(
      records.attempts.filter(({ outcome }) => outcome !== 'lost'),
      ({ jobId, leaseId }) => `${jobId} under ${leaseId}`,
    );
    return [
      ...records.attempts.flatMap(({ jobId, number, leaseId, outcome, marker }) => {
        if (outcome === 'lost') return marker === null ? [] : [`a lost attempt of ${jobId} holds tests`];
        const origin = sent.get(marker ?? '');
        const same = origin?.jobId === jobId && origin.leaseId === leaseId && origin.outcome === outcome;
        return same ? [] : [`attempt ${number} of ${jobId} was never sent so: ${marker}`];
      }),
      ...[...perLease].filter(([, count]) => count > 1).map(([what]) => `${what} has more than one result`),
    ];
  },
};

export const noLateResult: Promised = {
  promise: 'no late result was accepted: what came after its lease had ended was answered 409 and is not stored',
  contradictions({ journals, records, slackMs }) {
    const sent = sentByMarker(journals);
    const answers = answersByMarker(journals);
    const stored = new Set(records.attempts.map(({ marker }) => marker));
    const endedAt = new Map(records.leases.map((lease) => [lease.id, lease.endedAt]));
    const late = [...sent.values()].filter(
      (result) => result.late || result.at > (endedAt.get(result.leaseId) ?? Number.POSITIVE_INFINITY) + slackMs,
    );
    const ended = records.attempts.filter(
      ({ leaseId, endedAt: at }) => at > (endedAt.get(leaseId) ?? Number.POSITIVE_INFINITY) + slackMs,
    );
    return [
      ...late.flatMap(({ marker }) => {
        const accepted = answers.get(marker)?.some((answer) => answer.code === null);
        return accepted || stored.has(marker) ? [`late result ${marker} was accepted`] : [];
      }),
      ...ended.map(({ jobId, number }) => `attempt ${number} of ${jobId} ended after its lease`),
    ];
  },
};

export const nothingCountedTwice: Promised = {
  promise: 'no result is counted twice: a job counts each of its three tests once, a run each of its jobs',
  contradictions({ runs, records }) {
    const reported = new Set(records.attempts.flatMap(({ jobId, marker }) => (marker === null ? [] : [jobId])));
    const expected = (jobId: string) => (reported.has(jobId) ? 3 : 0);
    return [
      ...records.jobs
        .filter(({ id, counts }) => counts.total !== expected(id))
        .map(({ id, counts }) => `job ${id} counts ${counts.total} tests`),
      ...[...runs.values()]
        .filter(({ counts, jobs }) => counts.total !== jobs.reduce((sum, job) => sum + expected(job.id), 0))
        .map(({ id, counts }) => `run ${id} counts ${counts.total} tests`),
      ...records.runs
        .filter(({ id, counts }) => counts.total !== runs.get(id)?.counts.total)
        .map(({ id }) => `run ${id} counts otherwise in the database than in the API`),
    ];
  },
};

export const contractKept: Promised = {
  promise: 'every answer was one that contract.md allows, and nothing acknowledged was taken back',
  contradictions: ({ journals, broken }) => [
    ...broken,
    ...journals.flatMap((entry) => (entry.kind === 'broken' ? [entry.text] : [])),
  ],
};
