import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

type Schema = Record<string, unknown> | boolean | null;

interface Operation {
  parameters: { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: Schema }[];
  body: Schema;
  answers: Record<string, Schema>;
}

interface Description<T> {
  $id: string;
  source: string;
  parts: Record<string, T>;
  definitions: Record<string, Schema>;
}

/** One thing that does not fit, in the words of GitHub's 422. */
export interface Misfit {
  field: string;
  message: string;
}

/** GitHub's own descriptions, asked whether something fits. Nothing of ours decides here. */
export interface Judge {
  /** The routes described, as `METHOD /path/{parameter}`. */
  routes: string[];
  events: string[];
  /** A request's parameters and body against the description; a property it does not know is a misfit. */
  request(route: string, parameters: Record<string, string>, query: URLSearchParams, body: unknown): Misfit[];
  /** An answer's body; an error status that the description leaves out is held to `basic-error`. */
  answer(route: string, status: number, body: unknown): Misfit[];
  /** A webhook's payload; `event` as in the description, `check-run-rerequested`. */
  payload(event: string, payload: unknown): Misfit[];
}

let compiled: Judge | undefined;

/** Reads and compiles the descriptions once in a process: they are constant, and compiling takes a moment. */
export function githubJudge(): Judge {
  compiled ??= compileJudge();
  return compiled;
}

function compileJudge(): Judge {
  const ajv = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true });
  // safe because ajv-formats exports its function as module.exports and as default alike
  (formats as unknown as (to: Ajv) => void)(ajv);
  const rest = read<Operation>('rest');
  const webhooks = read<Schema>('webhooks');
  for (const { $id, definitions } of [rest, webhooks]) ajv.addSchema({ $id, definitions });
  const validators = new Map<string, ValidateFunction>();

  const check = (key: string, schema: Schema, value: unknown): Misfit[] => {
    if (schema === null)
      return value === undefined ? [] : [{ field: '', message: 'has a body where none is described' }];
    const validate = validators.get(key) ?? ajv.compile(schema);
    validators.set(key, validate);
    return validate(value) ? [] : (validate.errors ?? []).map(misfit);
  };

  return {
    routes: Object.keys(rest.parts),
    events: Object.keys(webhooks.parts),
    request(route, parameters, query, body) {
      const operation = part(rest, route);
      const known = operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
      const unknown = [...query.keys()].filter((name) => !known.includes(name));
      const judged = operation.parameters.flatMap(({ name, in: place, required, schema }) => {
        const text = place === 'path' ? parameters[name] : place === 'query' ? query.get(name) : undefined;
        if (text === undefined || text === null) return required ? [{ field: name, message: 'is missing' }] : [];
        return check(`${route} ${name}`, schema, parameterValue(schema, text)).map(({ message }) => ({
          field: name,
          message,
        }));
      });
      const sent = body ?? (operation.body === null ? undefined : {});
      return [
        ...unknown.map((name) => ({ field: name, message: 'is no parameter of this route' })),
        ...judged,
        ...check(`${route} body`, operation.body, sent),
      ];
    },
    answer(route, status, body) {
      const { answers } = part(rest, route);
      if (status in answers) return check(`${route} ${status}`, answers[status] ?? null, body);
      if (status < 400) return [{ field: '', message: `${status} is no answer of ${route}` }];
      return check('basic-error', { $ref: 'rest#/definitions/basic-error' }, body);
    },
    payload: (event, payload) => check(event, part(webhooks, event), payload),
  };
}

function read<T>(id: string): Description<T> {
  const text = readFileSync(new URL(`description/${id}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as Description<T>;
}

function part<T>({ parts, $id }: Description<T>, name: string): T {
  const found = parts[name];
  if (found === undefined) throw new Error(`${name} is not in ${$id}.json: add it in scripts/prune-github-openapi.ts`);
  return found;
}

/** Parameters are text; a number or a truth value is read as one, so that the schema can judge it. */
function parameterValue(schema: Schema, text: string): unknown {
  const type = schema !== null && typeof schema === 'object' ? schema.type : undefined;
  if (type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

function misfit({ instancePath, message = 'does not fit', keyword, params }: ErrorObject): Misfit {
  const extra = keyword === 'additionalProperties' ? `: ${String(params.additionalProperty)}` : '';
  const allowed = keyword === 'enum' ? `: ${JSON.stringify(params.allowedValues)}` : '';
  return { field: instancePath.slice(1).replaceAll('/', '.'), message: `${message}${extra}${allowed}` };
}
