/**
 * The pairs of a GITHUB_OUTPUT, GITHUB_STATE or GITHUB_ENV file: `name=value`, or `name<<delimiter`, lines, delimiter. Throws, as
 * the runner does, for anything else.
 */
export function readPairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      pairs[named(line.slice(0, equals), line)] = line.slice(equals + 1);
      continue;
    }
    const delimiter = heredoc < 0 ? '' : line.slice(heredoc + 2);
    if (delimiter === '') throw new Error(`Invalid format '${line}'`);
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`);
    pairs[named(line.slice(0, heredoc), line)] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return pairs;
}

function named(name: string, line: string): string {
  if (name === '') throw new Error(`Invalid format '${line}'. Name must not be empty`);
  return name;
}

const summaryLimitBytes = 1024 * 1024;

/** What is wrong with a step summary, in the runner's words; a summary with a complaint is not shown at all. */
export function summaryComplaint(bytes: number): string | undefined {
  if (bytes <= summaryLimitBytes) return undefined;
  return `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.floor(bytes / 1024)}k.`;
}
