import { InvalidValue } from './invalid-value.ts';

/**
 * Reads `key=value,key="a value",…` with the keys allowed. A key may come more than once; quotes around a value are taken off.
 * @throws InvalidValue naming what is wrong and what is allowed.
 */
export function parseKeyValues(text: string, allowed: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const part of splitOutsideQuotes(text)) {
    const [, key, quoted, bare] = /^\s*([\w-]+)=(?:"([^"]*)"|(.*?))\s*$/.exec(part) ?? [];
    const value = quoted ?? bare;
    if (!key || !value) throw new InvalidValue(`'${part.trim()}' is no key=value.`);
    if (!allowed.includes(key)) {
      throw new InvalidValue(`'${key}' is unknown here; allowed are ${allowed.join(', ')}.`);
    }
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

/** The one value of a key, or undefined. */
export function single(values: Map<string, string[]>, key: string): string | undefined {
  const [value, ...more] = values.get(key) ?? [];
  if (more.length > 0) throw new InvalidValue(`'${key}' is given more than once.`);
  return value;
}

function splitOutsideQuotes(text: string): string[] {
  return text.match(/(?:"[^"]*"|[^,])+/g) ?? [];
}
