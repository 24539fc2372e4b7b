export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const token = /<\?xml[^?]*\?>|<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Reads what XML 1.0 allows of elements, attributes and text, and throws on anything it forbids. For tests alone. */
export function parseXml(xml: string): XmlElement {
  if (/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(xml)) throw new Error('illegal character');
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  token.lastIndex = 0;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const match = token.exec(xml);
    if (!match) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 60)}`);
    const [, closes, opens, attributes, empty, text] = match;
    const parent = open.at(-1) ?? root;
    if (text !== undefined) parent.text += decode(text);
    if (closes !== undefined && open.pop()?.name !== closes) throw new Error(`</${closes}> closes another element`);
    if (opens === undefined) continue;
    const child = { name: opens, attributes: readAttributes(attributes ?? ''), children: [], text: '' };
    parent.children.push(child);
    if (empty === '') open.push(child);
  }
  const [only, ...others] = root.children;
  if (open.length !== 1 || !only || others.length > 0 || root.text.trim() !== '') throw new Error('not one element');
  return only;
}

function readAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', decode(value ?? '')]);
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error('an attribute is given twice');
  return Object.fromEntries(pairs);
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+))?;?/g, (whole, code, name) => {
    const char = code ? String.fromCodePoint(Number(code)) : entities[name];
    if (char === undefined || !whole.endsWith(';')) throw new Error(`no entity: ${whole}`);
    return char;
  });
}
