import { withoutColours } from './plain-text.ts';

export type Attributes = Record<string, string | number>;

/** Everything that XML 1.0 cannot hold, escaped or not: most control characters, halves of characters, U+FFFE, U+FFFF. */
const illegal = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** An element on lines of its own. `children` are elements rendered already. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const head = `<${name}${renderAttributes(attributes)}`;
  if (children.length === 0) return `${head}/>`;
  const inner = children.map((child) => `\n${child}`).join('');
  return `${head}>${inner}\n</${name}>`;
}

/** An element that holds text, kept as it is. */
export function textElement(name: string, attributes: Attributes, text: string): string {
  return `<${name}${renderAttributes(attributes)}>${escapeChars(text, /[&<>\r]/g)}</${name}>`;
}

function renderAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeChars(String(value), /[&<>"\r\n\t]/g)}"`)
    .join('');
}

function escapeChars(text: string, special: RegExp): string {
  return withoutColours(text)
    .replace(illegal, '')
    .replace(special, (char) => escapes[char] ?? char);
}
