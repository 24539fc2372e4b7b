/** ANSI escape sequences, as runners colour their messages with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const ansi = /[\u001b\u009b][[\]()#;?]*(?:\d{1,4}(?:;\d{0,4})*)?[0-9A-ORZcf-nqry=><]/g;

/** Control characters, invisible ones that reorder text, halves of characters, and separators of lines. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** The text without its colours. */
export function withoutColours(text: string): string {
  return text.replace(ansi, '');
}

/**
 * The first line of a text from outside that says anything, safe to show on one line of a terminal, a page or a check
 * run: no control characters, at most `maxChars` characters, with an ellipsis where it was cut. Empty if there is none.
 */
export function plainLine(text: string, maxChars: number): string {
  // a test's message may be 64 KiB; its first lines are enough and keep the expressions below cheap
  for (const line of withoutColours(text.slice(0, 8192)).split(/[\r\n\u2028\u2029]+/)) {
    const plain = line.replace(unprintable, ' ').replace(/\s+/g, ' ').trim();
    if (plain !== '') return cut(plain, maxChars);
  }
  return '';
}

function cut(text: string, maxChars: number): string {
  const chars = [...text];
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join('')}…`;
}
