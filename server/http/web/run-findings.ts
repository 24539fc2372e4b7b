import { fullTitle } from '../../../contract/failures.ts';
import type { Blame, BlamedFailure } from '../../domain/blame.ts';
import { hintIn } from '../../domain/blame-matrix.ts';
import type { CheckFindings } from '../../domain/check/findings.ts';
import { countText } from '../../domain/duration-text.ts';
import { flakyText } from '../../domain/flakiness.ts';
import { plainLine } from '../../domain/plain-text.ts';
import { type Markup, markup } from './markup.ts';
import type { ShowPlace } from './source-link.ts';

/** The tests below have them all. */
const mostRows = 200;

/** What to look at first: failures by who is to blame, what was flaky, what quarantine excused, what was not run again. */
export function runFindings(findings: CheckFindings, place: ShowPlace): Markup {
  const { failures, jobs } = findings;
  const counting = Map.groupBy(
    failures.filter(({ isQuarantined }) => !isQuarantined),
    ({ blame }) => blame,
  );
  const quarantined = failures.filter(({ isQuarantined }) => isQuarantined);
  const flaky = findings.flaky.map(({ job, test, rate }) =>
    flakyRow(job.id, fullTitle(test), place(test), flakyText(rate)),
  );
  const carried = jobs.filter(({ job }) => job.carriedFrom !== null);
  return markup`${(['test', 'device', 'infrastructure'] as const).map((blame) => blamed(blame, counting.get(blame) ?? [], place))}
${section(
  'Failed in quarantine',
  'Known to fail: these do not count.',
  failureHead,
  quarantined.map((failure) => failureRow(failure, place)),
)}
${section('Flaky', 'Failed, and passed when they were tried again.', ['Test', 'Where', 'How often'], flaky)}
${section(`Not run again`, `Passed before: ${carried.length} of ${countText(jobs.length, 'test file')}.`, ['Spec', 'Passed in'], carried.map(carriedRow))}`;
}

const titles: Record<Blame, readonly [string, string]> = {
  test: ['Failed tests', ''],
  device: ['Failed devices', 'The device, its agent or the install of the app failed, not a test.'],
  infrastructure: ['Failed infrastructure', 'What the tests needed failed or never came, not a test.'],
};
const failureHead = ['What', 'Where', 'Message', 'Device'];

function blamed(blame: Blame, failures: readonly BlamedFailure[], place: ShowPlace): Markup | string {
  const [title, note] = titles[blame];
  const rows = failures.map((failure) => failureRow(failure, place));
  return section(title, note, failureHead, rows);
}

function section(title: string, note: string, head: readonly string[], rows: readonly Markup[]): Markup | string {
  if (rows.length === 0) return '';
  const more = rows.length > mostRows ? markup`<p class="soft">and ${rows.length - mostRows} more, below</p>` : '';
  return markup`<h2>${title} <span class="soft">${rows.length}</span></h2>
${note && markup`<p class="soft">${note}</p>`}
<div class="wide"><table class="stacks">
<thead><tr>${head.map((name) => markup`<th>${name}</th>`)}</tr></thead>
<tbody>
${rows.slice(0, mostRows)}
</tbody>
</table></div>
${more}`;
}

function failureRow(failure: BlamedFailure, place: ShowPlace): Markup {
  const { job, title, message, blame } = failure;
  const device = job.attempts.at(-1)?.device ?? null;
  const why = blame === 'test' ? message : (job.reason ?? message);
  const hint = blame === 'test' ? hintIn(job.reason) : null;
  return markup`<tr>
<td><a href="#${job.id}">${title}</a></td>
<td data-label="Where">${place(failure)}</td>
<td data-label="Message" class="message">${plainLine(why, 300)}${hint && markup`<br>${hint}`}</td>
<td data-label="Device">${device}</td>
</tr>
`;
}

function flakyRow(jobId: string, title: string, place: Markup, often: string): Markup {
  return markup`<tr><td><a href="#${jobId}">${title}</a></td><td data-label="Where">${place}</td><td data-label="How often">${often}</td></tr>
`;
}

function carriedRow({ job, carriedFromRun }: CheckFindings['jobs'][number]): Markup {
  const source = carriedFromRun && markup`<a href="/runs/${carriedFromRun}#${job.carriedFrom}">${carriedFromRun}</a>`;
  return markup`<tr><td class="path"><a href="#${job.id}">${job.testPath}</a></td><td data-label="Passed in">${source}</td></tr>
`;
}
