import { isMapping, isSequence, NoOperationTraceWriter, parseWorkflow } from './github-parser.ts';

type Token = NonNullable<ReturnType<typeof parseWorkflow>['value']>;

/** A workflow as GitHub's parser reads it: what it has against it, and the file as plain values, expressions as they are written. */
export interface WorkflowFile {
  complaints: string[];
  content: WorkflowContent;
}

/** As far as the tests look. */
export interface WorkflowContent {
  on?: unknown;
  permissions?: Record<string, string>;
  jobs?: Record<string, Job>;
}

interface Job {
  permissions?: Record<string, string>;
  'timeout-minutes'?: string;
  steps?: { uses?: string; run?: string; with?: Record<string, string> }[];
}

export function parseWorkflowFile(name: string, content: string): WorkflowFile {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  return {
    complaints: context.errors.getErrors().map(({ message }) => message),
    // safe because GitHub's schema says so of every workflow without complaints
    content: (value ? plain(value) : {}) as WorkflowContent,
  };
}

function plain(token: Token): unknown {
  if (isMapping(token)) return Object.fromEntries([...token].map(({ key, value }) => [key.toString(), plain(value)]));
  return isSequence(token) ? [...token].map(plain) : token.toString();
}
