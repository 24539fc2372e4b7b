import { plainLine } from '../../client/plain-text.ts';
import type { Style } from './style.ts';
import { widthOf } from './width.ts';

/** A table of foreign text: a header, then rows in aligned columns two spaces apart; `empty` where there are none. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  { style, empty }: { style: Style; empty: string },
): string {
  if (rows.length === 0) return empty;
  const cells = rows.map((row) => row.map((cell) => (cell === null || cell === '' ? '-' : plainLine(String(cell)))));
  const widths = header.map((title, i) => Math.max(...[title, ...cells.map((row) => row[i] ?? '')].map(widthOf)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd();
  return [style('bold', line(header.map((title) => title.toUpperCase()))), ...cells.map(line)].join('\n');
}

/** Names and what they are, one a line, aligned; those without a value are left out. */
export function renderFields(fields: readonly (readonly [string, string | number | null | undefined])[]): string {
  const shown = fields.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${plainLine(String(value))}`).join('\n');
}
