import { plainLine } from '../client/plain-text.ts';
import { UserError } from '../client/user-error.ts';
import { ProblemError, UnreachableError } from '../contract/client.ts';

/** Any error as what happened and what to do next, without a stack trace. */
export function explain(error: unknown): string {
  if (error instanceof UserError) return [error.message, ...error.advice].join('\n');
  if (error instanceof UnreachableError) {
    return [
      plainLine(error.message),
      'Is server-url right, and may this runner reach it? With  fallback: local  the tests run on the runner instead.',
    ].join('\n');
  }
  if (error instanceof ProblemError) {
    const { problem } = error;
    const items = (problem.errors ?? []).map((item) => `- ${plainLine(item.path)}: ${plainLine(item.message)}`);
    const hashes =
      problem.registered_sha256 && problem.submitted_sha256
        ? [
            `registered: ${plainLine(problem.registered_sha256)}`,
            `this build: ${plainLine(problem.submitted_sha256)}`,
            'Give this build an app-version-id of its own, or leave it out: then it is made from the bytes.',
          ]
        : [];
    const request = `(${problem.code}, request ${plainLine(problem.request_id)})`;
    return [`${plainLine(error.message)} ${request}`, ...items, ...hashes].join('\n');
  }
  return plainLine(error instanceof Error ? error.message : String(error));
}
