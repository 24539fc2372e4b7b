import type { z } from 'zod';
import type { ProblemItem } from '../../contract/problem.ts';
import { validationFailed } from './problems.ts';

type Part = 'body' | 'query' | 'headers';

/** More than this helps nobody, and a body may have thousands. */
const maxErrors = 20;

/**
 * The value as its schema reads it; undefined where a route has no such part.
 * @throws DomainError `validation_failed` with a path (`body.tests[0]`) and a message for each thing wrong
 */
export function validate(schema: z.ZodType | undefined, value: unknown, part: Part): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw validationFailed(result.error.issues.flatMap((issue) => itemsOf(issue, part)).slice(0, maxErrors));
}

function itemsOf(issue: z.core.$ZodIssue, part: Part): ProblemItem[] {
  const path = pathText(part, issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.slice(0, maxErrors).map((key) => ({
    path: pathText(part, [...issue.path, key.slice(0, 100)]),
    message: 'is not known here: correct its name, or leave it out',
  }));
}

function pathText(part: Part, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    part,
  );
}
