import type { JobStatus } from '../../contract/words.ts';
import { type JobEvent, jobEvents, lifecycle, type Transition } from '../../server/domain/lifecycle.ts';

/** docs/lifecycle.md, rendered from the table that the server decides by. */
export function renderLifecyclePage(): string {
  const table: Record<JobStatus, Record<JobEvent, Transition | null>> = lifecycle;
  const statuses = Object.keys(table) as JobStatus[];
  const transitions = statuses.flatMap((from) =>
    jobEvents.flatMap((event) => {
      const transition = table[from][event];
      return transition ? [{ from, event, ...transition }] : [];
    }),
  );
  return `# The life of a job

<!-- Generated from server/domain/lifecycle.ts by \`npm run generate:docs\`; test/domain/lifecycle.test.ts compares them. -->

\`\`\`mermaid
stateDiagram-v2
    [*] --> queued: submitted
    [*] --> completed: carried over
${transitions.map(({ from, to, event }) => `    ${from} --> ${to}: ${event}`).join('\n')}
    completed --> [*]
\`\`\`

| from | event | to | who makes it happen |
|---|---|---|---|
${transitions.map(({ from, event, to, by }) => `| \`${from}\` | ${event} | \`${to}\` | ${by} |`).join('\n')}

Any other event is refused with \`illegal_transition\` and leaves the job as it is. A retry after the job has completed is
a new job of a new run. A job that passed is carried over where a run asks only for what did not pass (a retry with \`only_failed\`, a
re-run of a workflow with \`carry_over\`): it stands in that run completed, as it was, and names in \`carried_from\` the job that ran.
`;
}
