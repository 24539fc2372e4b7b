import { describe, expect, test } from 'vitest';
import { describeApi } from '../../contract/openapi.ts';
import { problems } from '../../contract/problem.ts';
import { commonProblems, type Route } from '../../contract/route.ts';
import { routes } from '../../contract/routes.ts';

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, object> };
  responses: Record<string, { description: string; content?: Record<string, object> }>;
}

// through JSON, as a reader gets it
const document = JSON.parse(JSON.stringify(describeApi(routes, { version: '1.2.3', serverUrl: 'http://127.0.0.1:1' })));
const operationOf = ({ path, method }: Route): Operation => document.paths[path]?.[method.toLowerCase()];
const table: [string, Route][] = Object.entries(routes);

describe('the OpenAPI document', () => {
  test('is of version 3.1 and says where and how to ask', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'qgjob', version: '1.2.3' });
    expect(document.components.securitySchemes.apiKey).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  test.each(table)('has %s with every parameter of its path, every answer and every problem', (name, route) => {
    const operation = operationOf(route);
    expect(operation).toMatchObject({ operationId: name, summary: route.summary, tags: [route.tag] });
    const inPath = operation.parameters?.filter((p) => p.in === 'path').map((p) => p.name) ?? [];
    expect(inPath).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id));
    for (const status of Object.keys(route.answers)) expect(operation.responses).toHaveProperty(status);
    const listed = [...commonProblems, ...(route.problems ?? [])].filter(
      (code) =>
        route.role !== 'public' || route.problems?.includes(code) || !['unauthenticated', 'forbidden'].includes(code),
    );
    for (const code of listed) {
      expect(operation.responses[problems[code].status]?.description).toContain(`\`${code}\``);
    }
    expect(operation.requestBody !== undefined).toBe(route.body !== undefined);
  });

  test('has no operation beside those of the routes, and no operation id twice', () => {
    const operations = Object.values(document.paths).flatMap((path) =>
      Object.values(path as Record<string, Operation>),
    );
    expect(operations.map((operation) => operation.operationId).sort()).toEqual(Object.keys(routes).sort());
  });

  test('refers to nothing that is not there, and has no component that nothing refers to', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
    const components = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(new Set(references)).toEqual(new Set(components));
    // one that is only a reference to itself describes nothing
    for (const schema of Object.values(document.components.schemas)) expect(schema).toHaveProperty('type');
  });

  test('needs no key where the route needs none', () => {
    for (const [, route] of table) {
      expect(operationOf(route).security).toEqual(route.role === 'public' ? [] : undefined);
    }
  });

  test('tells numbers of a query as numbers', () => {
    const limit = operationOf(routes.listRuns).parameters?.find((p) => p.name === 'limit');
    expect(limit).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 200 },
    });
  });

  test('names the headers a lease needs', () => {
    const token = operationOf(routes.startJob).parameters?.find((p) => p.in === 'header' && p.name.includes('token'));
    expect(token).toMatchObject({ name: 'qgjob-lease-token', required: true });
  });

  test('says that bodies take no property beyond those described', () => {
    expect(document.components.schemas.SubmitRun.additionalProperties).toBe(false);
    expect(document.components.schemas.Job.additionalProperties).toBe(false);
  });
});
