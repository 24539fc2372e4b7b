import type { Misfit } from './judge.ts';

type Fields = Record<string, unknown>;

const checkRunWrites = [
  'POST /repos/{owner}/{repo}/check-runs',
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
];

/**
 * Rules that GitHub holds requests to and its description tells only in prose, or (a completed check run without a conclusion in
 * POST) lost on the way into @octokit/openapi. Sources: the descriptions of the check-run routes; github/docs#35252 for bytes.
 */
export function proseMisfits(route: string, body: unknown): Misfit[] {
  if (!checkRunWrites.includes(route) || !isFields(body)) return [];
  const misfits: Misfit[] = [];
  const must = (holds: boolean, field: string, message: string) => {
    if (!holds) misfits.push({ field, message });
  };

  must(
    (body.status !== 'completed' && body.completed_at === undefined) || body.conclusion !== undefined,
    'conclusion',
    'is required with status completed or with completed_at',
  );
  must(body.conclusion !== 'stale', 'conclusion', 'stale is set by GitHub alone');
  must(body.name !== '', 'name', 'is empty');
  must(body.head_sha === undefined || /^[0-9a-f]{40}$/.test(String(body.head_sha)), 'head_sha', 'is no full SHA');
  must(
    body.details_url === undefined || /^https?:\/\//.test(String(body.details_url)),
    'details_url',
    'must use http or https',
  );

  const output = isFields(body.output) ? body.output : {};
  for (const field of ['summary', 'text']) {
    must(bytes(output[field]) <= 65_535, `output.${field}`, `${field} exceeds a maximum bytesize of 65535`);
  }
  const annotations = Array.isArray(output.annotations) ? output.annotations.filter(isFields) : [];
  for (const [at, annotation] of annotations.entries())
    misfits.push(...annotationMisfits(annotation, `output.annotations.${at}`));
  return misfits;
}

function annotationMisfits(annotation: Fields, where: string): Misfit[] {
  const misfits: Misfit[] = [];
  const must = (holds: boolean, field: string, message: string) => {
    if (!holds) misfits.push({ field: `${where}.${field}`, message });
  };
  const { path, start_line: start, end_line: end, start_column: from, end_column: to, title } = annotation;

  must(typeof start !== 'number' || start >= 1, 'start_line', 'lines start at 1');
  must(typeof end !== 'number' || typeof start !== 'number' || end >= start, 'end_line', 'is before start_line');
  must((from === undefined && to === undefined) || start === end, 'start_column', 'columns only within one line');
  must(typeof from !== 'number' || from >= 1, 'start_column', 'columns start at 1');
  must(typeof to !== 'number' || typeof from !== 'number' || to >= from, 'end_column', 'is before start_column');
  must(isRelative(String(path)), 'path', 'must be relative to the repository, with forward slashes');
  must([...String(title ?? '')].length <= 255, 'title', 'is longer than 255 characters');
  must(annotation.message !== '', 'message', 'is empty');
  for (const field of ['message', 'raw_details'])
    must(bytes(annotation[field]) <= 65_536, field, 'is larger than 64 KB');
  return misfits;
}

function isRelative(path: string): boolean {
  return path !== '' && !/^(\/|[A-Za-z]:|\.{1,2}\/)|\\|\/\.\.(\/|$)|:\/\//.test(path);
}

function bytes(text: unknown): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : 0;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
