import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contexts, evaluate } from './expressions.ts';
import { convertActionTemplate, NoOperationTraceWriter, parseAction } from './github-parser.ts';

/** An action.yml of a JavaScript action, as the runner understands it. */
export interface ActionFile {
  name: string;
  using: string;
  main: string;
  post: string | undefined;
  /** `always()` where the file does not say. */
  postIf: string;
  inputs: InputDefinition[];
  outputs: { id: string; description: string }[];
}

interface InputDefinition {
  id: string;
  description: string;
  required: boolean;
  /** What the action gets when the workflow says nothing: '' without a default. */
  defaultIn(contexts: Contexts): string;
}

/** What GitHub's parser has against an action.yml; nothing when it is right. */
export function actionComplaints(content: string): string[] {
  const { context } = parseAction({ name: 'action.yml', content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => message);
}

/** Reads `folder`/action.yml. Throws with what GitHub's parser has against it. */
export function readAction(folder: string): ActionFile {
  const content = readFileSync(join(folder, 'action.yml'), 'utf8');
  const { context, value } = parseAction({ name: 'action.yml', content }, new NoOperationTraceWriter());
  const [first] = context.errors.getErrors();
  if (first || !value) throw new Error(`action.yml: ${first?.message ?? 'empty'}`);
  const { name, runs, inputs = [], outputs = [] } = convertActionTemplate(context, value);
  if (!('main' in runs)) throw new Error(`action.yml: runs.using ${runs.using} is no JavaScript action`);
  return {
    name,
    using: runs.using,
    main: runs.main,
    post: runs.post,
    postIf: runs.postIf ?? 'always()',
    outputs: outputs.map(({ id, description = '' }) => ({ id, description })),
    inputs: inputs.map(({ id, description = '', required = false, default: token }) => ({
      id,
      description,
      required,
      defaultIn: (contexts) => {
        if (!token) return '';
        return 'expression' in token ? evaluate(String(token.expression), contexts) : token.toString();
      },
    })),
  };
}
