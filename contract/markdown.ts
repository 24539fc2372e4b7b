/**
 * Foreign text in Markdown that GitHub renders: titles and messages of tests, file names, devices. Whatever it holds, it is
 * shown as it is: no mention, link, image, heading or HTML of it is ever active.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const unprintable = /\u001b\[[0-?]*[ -/]*[@-~]|(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text without colours, control characters, direction marks and what else is invisible; joiners, which emoji need, stay. */
export function plainText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(unprintable, '');
}

/**
 * Foreign text within a line or a table's cell, at most `maxChars` characters of it, as code: there nothing is read as
 * Markdown, no reference is decoded and GitHub links nothing.
 */
export function inlineCode(text: string, maxChars = 200): string {
  // a table's cell ends at a bar even within code, and how a backslash before it is read differs between parsers: bars go
  // between pieces of code, as references
  const pieces = oneLine(text, maxChars).split('|');
  return pieces.map((piece) => (piece === '' ? '' : codeSpan(piece))).join('&#124;') || codeSpan('(none)');
}

/** Foreign text within HTML, such as the summary of `<details>`, where Markdown is not read: as references. */
export function htmlCode(text: string, maxChars = 200): string {
  return `<code>${oneLine(text, maxChars).replace(/[^\p{L}\p{N} ]/gu, (c) => `&#${c.codePointAt(0)};`)}</code>`;
}

function codeSpan(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  // a space within each fence is taken off again, and keeps a backtick at the edge apart from it
  return `${fence} ${text} ${fence}`;
}

function oneLine(text: string, maxChars: number): string {
  // cut first as well: what is far beyond the limit need not be cleaned
  return cutChars(
    plainText(text.slice(0, maxChars * 4))
      .replace(/\s+/g, ' ')
      .trim(),
    maxChars,
  );
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** Foreign text of several lines: in a fence longer than any run of backticks in it. */
export function codeBlock(text: string, maxChars = 4000): string {
  const body = cutChars(plainText(text.slice(0, maxChars * 4)), maxChars);
  const fence = '`'.repeat(Math.max(2, longestRun(body)) + 1);
  return `${fence}text\n${body}\n${fence}`;
}

/** At most `maxChars` characters, with an ellipsis where it was cut. */
export function cutChars(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  // a slice may end in half a character
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The bytes of a text as UTF-8. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

const encoder = new TextEncoder();

/** At most `maxBytes` of UTF-8, with an ellipsis where it was cut. */
export function cutBytes(text: string, maxBytes: number): string {
  if (utf8Bytes(text) <= maxBytes) return text;
  const ellipsis = '…';
  // encodeInto writes no part of a character
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes - utf8Bytes(ellipsis)));
  return text.slice(0, read) + ellipsis;
}

/**
 * As many whole sections as fit into `maxBytes` of UTF-8, in order, and `more` after them where some did not fit: a section
 * cut in the middle could leave a fence or a table open.
 */
export function fitSections(sections: readonly string[], maxBytes: number, more: string): string {
  const whole = sections.join('\n\n');
  if (utf8Bytes(whole) <= maxBytes) return whole;
  const taken: string[] = [];
  let bytes = utf8Bytes(more);
  for (const section of sections) {
    bytes += utf8Bytes(section) + 2;
    if (bytes > maxBytes) break;
    taken.push(section);
  }
  return [...taken, more].join('\n\n');
}
