import type { TestError, TestResult } from '../../../contract/job.ts';
import type { RunReport } from '../../../contract/run.ts';
import { durationText } from '../../domain/duration-text.ts';
import { toneOf } from './format.ts';
import { type Markup, markup, trusted } from './markup.ts';
import type { ShowPlace } from './source-link.ts';
import { stateOf } from './state.ts';

type Job = RunReport['jobs'][number];
type Attempt = Job['attempts'][number];

interface Context {
  /** The server's clock, ms, for what has not ended yet. */
  now: number;
  place: ShowPlace;
  /** The run whose result stands for it; null where it was run itself. */
  carriedFromRun: string | null;
}

/** One job with every test of every attempt; open where there is something to look at. */
export function jobDetails(job: Job, context: Context): Markup {
  const state = job.conclusion ?? job.status;
  const open = ['bad', 'odd'].includes(toneOf(state)) || job.counts.flaky > 0 ? trusted('open') : '';
  return markup`<details id="${job.id}" ${open}>
<summary>${stateOf(state)} <h3 class="path">${job.test_path}</h3> <span class="soft">${job.id}</span></summary>
${job.reason === null ? '' : markup`<p>${job.reason}</p>`}
${job.carried_from === null ? '' : carriedNote(job, context)}
${job.attempts.length === 0 && job.carried_from === null ? markup`<p class="soft">No attempt yet.</p>` : ''}
${job.attempts.map((attempt) => attemptDetails(job, attempt, context))}
</details>
`;
}

function carriedNote({ carried_from }: Job, { carriedFromRun }: Context): Markup {
  const code = markup`<code>${carried_from}</code>`;
  const source = carriedFromRun === null ? code : markup`<a href="/runs/${carriedFromRun}#${carried_from}">${code}</a>`;
  return markup`<p class="soft">Passed before as ${source} and was not run again.</p>`;
}

function attemptDetails(job: Job, attempt: Attempt, { now, place }: Context): Markup {
  const took = attempt.duration_ms ?? (attempt.started_at === null ? null : now - Date.parse(attempt.started_at));
  return markup`<p class="attempt">Attempt ${attempt.number}: ${stateOf(attempt.outcome ?? job.status)}
<span class="soft">on ${attempt.device} at ${attempt.agent}${took === null ? '' : `, ${durationText(took)}`}</span>
<a href="/v1/jobs/${job.id}/log?attempt=${attempt.number}">log</a></p>
${attempt.install ? installNote(attempt.install) : ''}
${attempt.errors.map((error) => errorText(error, place))}
<ul class="tests">
${attempt.tests.map((test) => testItem(test, place))}
</ul>
`;
}

function installNote({ result, duration_ms, reason }: NonNullable<Attempt['install']>): Markup {
  switch (result) {
    case 'installed':
      return markup`<p class="soft">Installed the app in ${durationText(duration_ms)}.</p>`;
    case 'already_installed':
      return markup`<p class="soft">The app was installed already.</p>`;
    case 'failed':
      return markup`<p class="bad">The app could not be installed${reason === null ? '' : `: ${reason}`}.</p>`;
  }
}

function testItem(test: TestResult, place: ShowPlace): Markup {
  const retry = test.retry > 0 ? `, retry ${test.retry}` : '';
  return markup`<li>${stateOf(test.status)} ${test.title_path.filter((part) => part !== '').join(' › ') || test.title}
<span class="soft">${place(test)}, ${durationText(test.duration_ms)}${retry}</span>
${test.errors.map((error) => errorText(error, place))}
${test.attachments.length === 0 ? '' : attachmentLinks(test.attachments)}
</li>
`;
}

function errorText({ message, file, line, snippet }: TestError, place: ShowPlace): Markup {
  const where = file === undefined ? '' : markup`${place({ file, line })}\n`;
  return markup`<pre>${where}${message}${snippet === undefined ? '' : `\n\n${snippet}`}</pre>`;
}

/** Downloads, never shown in place: whoever wrote a test chose their bytes. */
function attachmentLinks(attachments: TestResult['attachments']): Markup {
  const links = attachments.map(
    ({ name, sha256, content_type }) =>
      markup`<a href="/v1/blobs/${sha256}" download="${name}" title="${content_type}">${name}</a> `,
  );
  return markup`<p class="soft">Attachments: ${links}</p>`;
}
