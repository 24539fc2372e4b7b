import type { CheckOutput } from './check-output.ts';
import type { CheckView } from './check-view.ts';

/**
 * What a check run shows of a run: the same view gives the same output, whatever the time. Every limit of GitHub's is kept,
 * in bytes where GitHub counts bytes, and no text from outside is ever active Markdown.
 */
export function renderCheck(view: CheckView): CheckOutput {
  const { run } = view;
  return {
    status: run.status === 'running' ? 'in_progress' : run.status,
    conclusion: null,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    title: '',
    summary: '',
    text: '',
    annotations: [],
    actions: [],
  };
}
