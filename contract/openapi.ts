import { z } from 'zod';
import { AgentResource, Claim, DeviceResource, Heartbeat, JobResult, LeasedJob, RegisterAgent } from './agent.ts';
import { GithubAppResource, GithubFinding, GithubStatus } from './github.ts';
import { Attachment, Attempt, Explanation, Job, SubmitJob, TestError, TestResult } from './job.ts';
import { ApiKey, Limits, Org, TrustPolicy } from './org.ts';
import { Problem, type ProblemCode, problems } from './problem.ts';
import { commonProblems, type NonJson, type Route } from './route.ts';
import { AppVersion, Plan, Run, RunReport, RunSummary, SubmitRun } from './run.ts';
import { Counts, DeviceRequirement, GithubContext } from './words.ts';

type Json = Record<string, unknown>;

/** The schemas that readers of the document know by name; all others stand where they are used. */
const named = z.registry<{ id: string }>();
const resources = {
  AgentResource,
  ApiKey,
  AppVersion,
  Attachment,
  Attempt,
  Claim,
  Counts,
  DeviceRequirement,
  DeviceResource,
  Explanation,
  GithubAppResource,
  GithubContext,
  GithubFinding,
  GithubStatus,
  Heartbeat,
  Job,
  JobResult,
  LeasedJob,
  Limits,
  Org,
  Plan,
  Problem,
  RegisterAgent,
  Run,
  RunReport,
  RunSummary,
  SubmitJob,
  SubmitRun,
  TestError,
  TestResult,
  TrustPolicy,
};
for (const [id, schema] of Object.entries(resources)) named.add(schema, { id });

const contentTypes: Record<Exclude<NonJson, 'empty'>, string> = {
  text: 'text/plain',
  html: 'text/html',
  bytes: 'application/octet-stream',
  events: 'text/event-stream',
};

/** The whole API as an OpenAPI 3.1 document, from the same table that the server binds and the client calls. */
export function describeApi(
  routes: Readonly<Record<string, Route>>,
  { version, serverUrl }: { version: string; serverUrl: string },
): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const [operationId, route] of Object.entries(routes)) {
    const described = { [route.method.toLowerCase()]: describeRoute(operationId, route, components) };
    paths[route.path] = { ...paths[route.path], ...described };
  }
  schemaOf(Problem, 'output', components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'qgjob',
      version,
      description:
        'Queues end-to-end tests of mobile apps, groups them by app version, and reports their results. Acknowledged means durable. Send an Idempotency-Key with a POST to make it safe to repeat.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key' } },
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

function describeRoute(operationId: string, route: Route, components: Json): Json {
  return {
    operationId,
    summary: route.summary,
    tags: [route.tag],
    ...(route.role === 'public' ? { security: [] } : { 'x-role': route.role }),
    ...withParameters([
      ...parametersOf(route.params, 'path', components),
      ...parametersOf(route.query, 'query', components),
      ...parametersOf(route.headers, 'header', components),
      ...(route.method === 'POST' && route.role !== 'public' ? [idempotencyKey] : []),
    ]),
    ...(route.body ? { requestBody: describeBody(route.body, components) } : {}),
    responses: { ...describeAnswers(route, components), ...describeProblems(route) },
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same request gets the first answer again',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
};

function withParameters(parameters: Json[]): Json {
  return parameters.length > 0 ? { parameters } : {};
}

function parametersOf(schema: z.ZodObject | undefined, where: 'path' | 'query' | 'header', components: Json): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, part]) => {
    const type = part as z.ZodType;
    return {
      name,
      in: where,
      required: where === 'path' || !type.safeParse(undefined).success,
      schema: parameterSchema(type, components),
    };
  });
}

/** A number travels as text: readers want to know the number. Where only the text is described, that. */
function parameterSchema(type: z.ZodType, components: Json): Json {
  const read = schemaOf(type, 'output', components);
  return Object.keys(read).length > 0 ? read : schemaOf(type, 'input', components);
}

function describeBody(body: z.ZodType | 'bytes', components: Json): Json {
  const content =
    body === 'bytes'
      ? { 'application/octet-stream': {} }
      : { 'application/json': { schema: schemaOf(body, 'input', components) } };
  return { required: true, content };
}

function describeAnswers({ answers }: Route, components: Json): Json {
  const entries = Object.entries(answers).map(([status, answer]) => {
    const description = descriptions[status] ?? 'Done';
    if (answer === 'empty') return [status, { description }];
    if (typeof answer === 'string') return [status, { description, content: { [contentTypes[answer]]: {} } }];
    return [
      status,
      { description, content: { 'application/json': { schema: schemaOf(answer, 'output', components) } } },
    ];
  });
  return Object.fromEntries(entries);
}

const descriptions: Record<string, string> = {
  200: 'Done, or there already',
  201: 'Made',
  202: 'Accepted',
  204: 'Nothing to tell',
  206: 'The range asked for',
};

/** Every problem a route can answer, by status, with its codes. */
function describeProblems(route: Route): Json {
  const codes = new Set<ProblemCode>([...commonProblems, ...(route.problems ?? []), ...bodyProblems(route)]);
  if (route.role === 'public') {
    for (const code of ['unauthenticated', 'forbidden'] as const)
      if (!route.problems?.includes(code)) codes.delete(code);
  }
  const byStatus = Map.groupBy(codes, (code) => String(problems[code].status));
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `\`${code}\`: ${problems[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function bodyProblems({ body }: Route): ProblemCode[] {
  if (body === undefined) return [];
  if (body === 'bytes') return ['payload_too_large'];
  return ['malformed_json', 'length_required', 'payload_too_large', 'unsupported_media_type'];
}

/** A JSON schema; what has a name becomes a component and is referred to. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const {
    $schema: _,
    $defs,
    ...own
  } = z.toJSONSchema(schema, {
    metadata: named,
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // a component is known by its key
      delete jsonSchema.id;
    },
  }) as Json & { $defs?: Record<string, Json> };
  for (const [id, definition] of Object.entries($defs ?? {})) components[id] = pointToComponents(definition);
  const id = named.get(schema)?.id;
  // one that stands in its own definitions refers to itself already
  if (id === undefined || own.$ref !== undefined) return pointToComponents(own);
  components[id] = pointToComponents(own);
  return { $ref: `#/components/schemas/${id}` };
}

function pointToComponents(schema: Json): Json {
  // safe because it copies plain JSON, and no text in it begins like that but a reference
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}
