import { plainText } from './markdown.ts';

/**
 * A file of the test project as its repository knows it; undefined when it lies outside, is a dependency or no file's path.
 * `projectDir` is the project's folder in the repository. Both are foreign.
 */
export function repositoryPath(file: string, projectDir: string): string | undefined {
  const [path, folder] = [file, projectDir].map((text) =>
    plainText(text)
      .replace(/[\n\t]+/g, ' ')
      .replaceAll('\\', '/'),
  );
  if (!path || isAbsolute(path) || isAbsolute(folder ?? '')) return undefined;
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (!['', '.', '..'].includes(part)) parts.push(part);
  }
  return parts.length === 0 || parts.includes('node_modules') ? undefined : parts.join('/');
}

/** A path of this machine or another, or an address. */
function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^([A-Za-z]:|[a-z][a-z0-9+.-]*:\/)/i.test(path);
}

/** The first place in the repository, dependencies apart; undefined when there is none. A line is from 1, or 0: not known. */
export function firstInRepository(
  places: readonly { file: string; line: number }[],
  projectDir: string,
): { path: string; line: number } | undefined {
  for (const { file, line } of places) {
    const path = repositoryPath(file, projectDir);
    if (path !== undefined) return { path, line };
  }
  return undefined;
}

/** The address of a line where a commit's files are shown, good within Markdown. `blobUrl` ends in a slash. */
export function sourceUrl(blobUrl: string, path: string, line: number): string {
  return `${blobUrl}${path.split('/').map(encodeSegment).join('/')}${line > 0 ? `#L${line}` : ''}`;
}

/** Also the characters that would end a link in Markdown. */
function encodeSegment(segment: string): string {
  // a lone half of a character has no encoding
  const encoded = encodeURIComponent(segment.toWellFormed());
  return encoded.replace(/[()'!*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
