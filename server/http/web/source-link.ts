import { repositoryPath, sourceUrl } from '../../../contract/repository-path.ts';
import type { GithubContext } from '../../../contract/words.ts';
import { repositoryLinks } from '../../domain/repository-links.ts';
import { type Markup, markup } from './markup.ts';

/** Shows a place in the test project, linked to the tested commit where that is known and has the file. */
export type ShowPlace = (place: { file: string; line?: number | undefined }) => Markup;

/** How places are shown of a run that `github` was told of, or not. */
export function showPlaces(github: GithubContext | null): ShowPlace {
  const blob = github && repositoryLinks(github).blob;
  return ({ file, line = 0 }) => {
    const shown = line > 0 ? `${file}:${line}` : file;
    const path = blob === null ? undefined : repositoryPath(file, github?.project_dir ?? '');
    if (blob === null || path === undefined) return markup`<span class="path">${shown}</span>`;
    return markup`<a class="path" href="${sourceUrl(blob, path, line)}" rel="noreferrer">${shown}</a>`;
  };
}
