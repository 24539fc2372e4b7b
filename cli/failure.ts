import { exitCodeOfProblem, exitCodes } from '../client/exit-codes.ts';
import { plainLine } from '../client/plain-text.ts';
import { UserError } from '../client/user-error.ts';
import { ProblemError, UnreachableError } from '../contract/client.ts';

/** An error as the user sees it: lines that say what happened and what to do next, and the exit code. */
export interface Failure {
  lines: string[];
  exitCode: number;
}

/** Explains any error in a few lines without a stack trace. `serverUrl` is the server that was asked, if one was. */
export function explainFailure(error: unknown, serverUrl: string): Failure {
  if (error instanceof UserError) return { lines: [error.message, ...error.advice], exitCode: error.exitCode };
  if (error instanceof UnreachableError) {
    const advice = `Is a server running there? 'qgjob serve' starts one, --server or QGJOB_SERVER_URL names another.`;
    return { lines: [plainLine(error.message), advice], exitCode: exitCodes.unreachable };
  }
  if (error instanceof ProblemError) return explainProblem(error, serverUrl);
  const message = error instanceof Error ? error.message : String(error);
  return { lines: [plainLine(message), 'With --debug the whole error is shown.'], exitCode: exitCodes.infrastructure };
}

function explainProblem(error: ProblemError, serverUrl: string): Failure {
  const { problem, code } = error;
  const items = (problem.errors ?? []).map((item) => `  ${plainLine(item.path)}: ${plainLine(item.message)}`);
  const hashes =
    problem.registered_sha256 && problem.submitted_sha256
      ? [
          `  registered: ${plainLine(problem.registered_sha256)}`,
          `  yours:      ${plainLine(problem.submitted_sha256)}`,
          'Give this build an --app-version-id of its own.',
        ]
      : [];
  const lines = [plainLine(error.message), ...items, ...hashes, ...adviceFor(error, serverUrl)];
  return { lines, exitCode: exitCodeOfProblem(code) };
}

function adviceFor({ code, problem }: ProblemError, serverUrl: string): string[] {
  switch (code) {
    case 'unauthenticated':
      return [`Give a key of ${serverUrl} with 'qgjob login', --api-key or QGJOB_API_KEY.`];
    case 'forbidden':
    case 'org_mismatch':
      return [`'qgjob doctor' tells what your key is; 'qgjob keys create' makes another.`];
    case 'internal':
      return [`The server's log has more under request id ${plainLine(problem.request_id)}.`];
    default:
      return [];
  }
}
