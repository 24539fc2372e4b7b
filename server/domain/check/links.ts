import { inlineCode } from '../../../contract/markdown.ts';
import { repositoryPath, sourceUrl } from '../../../contract/repository-path.ts';
import { repositoryLinks } from '../repository-links.ts';
import type { CheckView } from './view.ts';

/** The address of a run's page. */
export function runUrl({ publicUrl }: Pick<CheckView, 'publicUrl'>, runId: string): string {
  return `${publicUrl}/runs/${runId}`;
}

/** Foreign text that leads to a job on the run's page. */
export function jobLink(view: CheckView, jobId: string, text: string): string {
  return `[${inlineCode(text, 150)}](${runUrl(view, view.run.id)}#${jobId})`;
}

/** A place in the test project, linked to the tested commit where it lies in the repository. */
export function sourceLink({ run }: CheckView, { file, line }: { file: string; line: number }): string {
  const shown = inlineCode(line > 0 ? `${file}:${line}` : file, 150);
  const path = repositoryPath(file, run.github?.project_dir ?? '');
  const blob = run.github ? repositoryLinks(run.github).blob : null;
  return path === undefined || blob === null ? shown : `[${shown}](${sourceUrl(blob, path, line)})`;
}

/** What stands at the end of what did not fit. */
export function moreLink(view: CheckView): string {
  return `**There is more:** [the whole run](${runUrl(view, view.run.id)}).`;
}
