import { utf8Bytes } from '../../../contract/markdown.ts';

/** Far more rows than anyone reads in a check run; the run's page has them all. */
const mostRows = 100;

/** A table of Markdown with as many rows as fit into `maxBytes`, and below it `rest(n)` for the `n` that do not. */
export function tableThatFits(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  maxBytes: number,
  rest: (left: number) => string,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [line(head), line(head.map(() => '---'))];
  let bytes = utf8Bytes(`${lines.join('\n')}\n\n${rest(rows.length)}`);
  let taken = 0;
  for (const row of rows.slice(0, mostRows)) {
    const text = line(row);
    bytes += utf8Bytes(text) + 1;
    if (bytes > maxBytes) break;
    lines.push(text);
    taken++;
  }
  const shown = taken === 0 ? [] : [lines.join('\n')];
  return [...shown, ...(taken < rows.length ? [rest(rows.length - taken)] : [])].join('\n\n');
}
