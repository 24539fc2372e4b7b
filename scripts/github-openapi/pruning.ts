export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** One description being cut down to JSON Schemas (draft 7) that share their definitions. */
export interface Pruning {
  definitions: JsonObject;
  /** What a `$ref` points at; anything else as it is. */
  resolve(value: Json | undefined): Json;
  /** A schema of something GitHub sends: properties beside those described are allowed. */
  schema(value: Json): Json;
  /** A schema of something sent to GitHub: no property beside those described. */
  closed(value: Json): Json;
}

/** Keywords that judge a value and hold no schema. Prose, examples and defaults judge nothing and go. */
const kept = [
  'required',
  'const',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
];
const formats = ['date-time', 'date', 'uri', 'uri-template', 'email'];

/** @param id what references in the result begin with: `id#/definitions/…` */
export function startPruning(id: string, root: JsonObject): Pruning {
  const definitions: JsonObject = {};
  const names = new Map<string, string>();

  const resolve = (value: Json | undefined): Json => {
    const reference = object(value).$ref;
    if (typeof reference !== 'string') return object(value);
    return reference
      .replace('#/', '')
      .split('/')
      .reduce<Json>((at, key) => object(at)[key] ?? null, root);
  };

  const schema = (value: Json): Json => {
    if (typeof value === 'boolean') return value;
    const reference = object(value).$ref;
    if (typeof reference !== 'string') return shared(judging(object(value), schema));
    const name = reference.replace('#/components/schemas/', '');
    if (definitions[name] === undefined) {
      definitions[name] = true; // stops a description that refers to itself
      definitions[name] = judging(object(resolve(value)), schema);
    }
    return { $ref: `${id}#/definitions/${name}` };
  };

  /** Large schemas are repeated word for word in many webhooks: each is kept once. */
  const shared = (one: Json): Json => {
    const text = JSON.stringify(one);
    if (text.length < 120) return one;
    const name = names.get(text) ?? `s${names.size}`;
    names.set(text, name);
    definitions[name] = one;
    return { $ref: `${id}#/definitions/${name}` };
  };

  const closed = (value: Json): Json => {
    if (typeof value === 'boolean') return value;
    const one = judging(object(resolve(value)), closed);
    return one.properties === undefined || one.additionalProperties !== undefined
      ? one
      : { ...one, additionalProperties: false };
  };

  return { definitions, resolve, schema, closed };
}

/** A schema's judging keywords, in draft 7, with `nullable` of OpenAPI 3.0 said as a type. */
function judging(value: JsonObject, inner: (value: Json) => Json): JsonObject {
  const { type, enum: choices, format, nullable, items, additionalProperties: others } = value;
  const result: JsonObject = {};
  for (const key of kept) if (value[key] !== undefined) result[key] = value[key];
  if (typeof format === 'string' && formats.includes(format)) result.format = format;
  if (type !== undefined) result.type = nullable === true ? [type, 'null'].flat() : type;
  if (choices !== undefined) result.enum = nullable === true ? [...new Set([choices, null].flat())] : choices;
  if (value.properties !== undefined) {
    result.properties = Object.fromEntries(Object.entries(object(value.properties)).map(([k, v]) => [k, inner(v)]));
  }
  if (items !== undefined) result.items = inner(items);
  if (others !== undefined) result.additionalProperties = inner(others);
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    if (value[key] !== undefined) result[key] = array(value[key]).map(inner);
  }
  const composed = type === undefined && ['allOf', 'anyOf', 'oneOf'].some((key) => value[key] !== undefined);
  return nullable === true && composed ? { anyOf: [{ type: 'null' }, result] } : result;
}

/** @throws Error when it is none */
export function object(value: Json | undefined): JsonObject {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`This is no object: ${JSON.stringify(value)}`);
  }
  return value;
}

/** @throws Error when it is none */
export function array(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Error(`This is no array: ${JSON.stringify(value)}`);
  return value;
}
