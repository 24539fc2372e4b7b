import type { Style } from '../../cli/render/style.ts';
import { renderTable } from '../../cli/render/table.ts';
import { plainText } from '../../client/plain-text.ts';
import type { RunReport } from '../../contract/run.ts';
import type { Counts } from '../../contract/words.ts';
import type { ShopVersion } from '../shop/build.ts';
import { finalResults } from './final-results.ts';

export type Reports = ReadonlyMap<ShopVersion, RunReport>;

/** One row per spec file, one column per version. */
export function resultTable(reports: Reports, style: Style): string {
  const jobs = [...reports.values()].map((report) => report.jobs);
  const specs = [...new Set(jobs.flat().map((job) => job.test_path))].sort();
  const cell = (spec: string, of: RunReport['jobs']) => {
    const job = of.find((candidate) => candidate.test_path === spec);
    return job ? `${job.conclusion === 'passed' ? '✓' : '✗'} ${inWords(job.counts)}` : '';
  };
  const rows = specs.map((spec) => [spec, ...jobs.map((of) => cell(spec, of))]);
  const header = ['spec file', ...[...reports.keys()].map((version) => `shop ${version}`)];
  return renderTable(header, rows, { style, empty: 'No results.' });
}

function inWords(counts: Counts): string {
  const { passed, failed, flaky, skipped } = counts;
  return Object.entries({ passed, flaky, failed, skipped })
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

/** Each failed test at its file and line, with what was expected and what came. */
export function failureList(reports: Reports, style: Style): string {
  const failures = [...reports].flatMap(([version, report]) =>
    finalResults(report)
      .filter((test) => test.status === 'failed')
      .map((test) => {
        const [error] = test.errors;
        const place = `examples/shop-tests/${error?.file ?? test.file}:${error?.line ?? test.line}`;
        const heading = `${style('red', '✗')} shop ${version}  ${style('bold', plainText(place))}  ${plainText(test.title)}`;
        return [heading, ...essence(error?.message ?? '')].join('\n');
      }),
  );
  return failures.length > 0 ? failures.join('\n') : 'No test failed.';
}

/** What an assertion says first, without the log of its waiting. */
function essence(message: string): string[] {
  const [said = ''] = plainText(message).split(/^Call log:/m);
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, 6).map((line) => `    ${line}`);
}

/** Which device installed what, for how many jobs. */
export function installLedger(reports: Reports, style: Style): string {
  const uses = [...reports].flatMap(([version, { jobs }]) =>
    jobs.flatMap((job) => job.attempts.map(({ device, install }) => ({ version, device, install }))),
  );
  const rows = [...Map.groupBy(uses, ({ version, device }) => `${device} ${version}`).values()].map((here) => {
    const made = here.filter(({ install }) => install?.result === 'installed');
    const ms = made.reduce((sum, { install }) => sum + (install?.duration_ms ?? 0), 0);
    return [here[0]?.device ?? '', `shop ${here[0]?.version}`, made.length, here.length, `${Math.round(ms)} ms`];
  });
  const installs = [...reports.values()].map(({ run }) => run.installs);
  const made = installs.reduce((sum, run) => sum + run.made, 0);
  const avoided = installs.reduce((sum, run) => sum + run.avoided, 0);
  const table = renderTable(['device', 'app version', 'installs', 'jobs', 'installing took'], rows, {
    style,
    empty: '',
  });
  return `${table}\n\n${style('bold', `${made} installs for ${uses.length} jobs, ${avoided} avoided`)}`;
}
