import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** What an expression may name: `github`, `matrix`, `job`, … as plain JSON. */
export type Contexts = Record<string, unknown>;

/** How the workflow job stands, as `success()` and its like tell it. */
export interface JobState {
  failed: boolean;
  cancelled: boolean;
}

/** The text that GitHub's own evaluator makes of `expression` (without `${{ }}`). Throws for what it does not know. */
export function evaluate(expression: string, contexts: Contexts): string {
  return result(expression, contexts, []).coerceString();
}

/** Whether an `if`, `pre-if` or `post-if` holds. */
export function holds(condition: string, contexts: Contexts, { failed, cancelled }: JobState): boolean {
  const status = { always: true, success: !failed && !cancelled, failure: failed && !cancelled, cancelled };
  const functions = Object.entries(status).map(([name, value]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  }));
  return result(`!!(${condition})`, contexts, functions).coerceString() === 'true';
}

type Functions = (ConstructorParameters<typeof Parser>[2][number] & { call(): data.BooleanData })[];

function result(expression: string, contexts: Contexts, functions: Functions): data.ExpressionData {
  const { tokens } = new Lexer(expression).lex();
  const parsed = new Parser(tokens, Object.keys(contexts), functions).parse();
  const known = new Map(functions.map((definition) => [definition.name, definition]));
  return new Evaluator(parsed, dictionary(contexts), known).evaluate();
}

function dictionary(contexts: Contexts): data.Dictionary {
  // safe because the reviver makes a dictionary of every JSON object, and this is one
  return JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
}
