/**
 * Foreign text in Markdown that GitHub renders: titles and messages of tests, file names, devices. Whatever it holds, it is
 * shown as it is: no mention, link, image, heading or HTML of it is ever active.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const unprintable = /\u001b\[[0-?]*[ -/]*[@-~]|(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text without colours, control characters and direction marks. */
function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(unprintable, '');
}

/**
 * Foreign text within a line or a table's cell, at most `maxChars` characters of it. In a code element GitHub links no
 * mentions and no addresses, and as entities no character means anything to Markdown.
 */
export function inlineCode(text: string, maxChars = 200): string {
  const line = cutChars(plain(text).replace(/\s+/g, ' ').trim(), maxChars);
  return `<code>${line.replace(/[^\p{L}\p{N} ]/gu, (c) => `&#${c.codePointAt(0)};`)}</code>`;
}

/** Foreign text of several lines: in a fence longer than any run of backticks in it. */
export function codeBlock(text: string, maxChars = 4000): string {
  const body = cutChars(plain(text), maxChars);
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${body}\n${fence}`;
}

/** At most `maxChars` characters, with an ellipsis where it was cut. */
function cutChars(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  // a slice may end in half a character
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The bytes of a text as UTF-8. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

const encoder = new TextEncoder();

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
