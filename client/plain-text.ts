// Text from tests, apps, agents and servers may hold anything. A terminal obeys escape sequences (it can be made to move
// the cursor, to set the clipboard or its title), and direction marks make a line read otherwise than it is.

const csi = String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`;
const strings = String.raw`(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?`;
const others = String.raw`\x1b[ -/]*[0-~]`;
const sequences = new RegExp([csi, strings, others].join('|'), 'g');

const controls = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** What JSON leaves unescaped and a terminal may still obey. */
const unsafeInJson = /[\u007f-\u009f]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Foreign text over several lines, without escape sequences, control characters and direction marks. */
export function plainText(text: string): string {
  return text.replace(sequences, '').replace(/\r\n?/g, '\n').replace(controls, '');
}

/** Foreign text as part of one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/[\n\t]+/g, ' ');
}

/** JSON that is harmless in a terminal as well. */
export function plainJson(value: unknown): string {
  const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, 2).replace(unsafeInJson, escaped);
}
