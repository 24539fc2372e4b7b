import { Problem, type ProblemCode } from '../../contract/problem.ts';
import { commonProblems, type Route } from '../../contract/route.ts';
import { routes } from '../../contract/routes.ts';

const table = Object.values(routes as Record<string, Route>).map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** Problems of any route that takes a body. */
const bodyProblems: ProblemCode[] = [
  'malformed_json',
  'length_required',
  'payload_too_large',
  'unsupported_media_type',
];

/**
 * fetch, which also holds every answer to the contract: a status the route has, a body of that status's schema and no further
 * property, a problem the route lists. What does not hold rejects.
 */
export const conformingFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const route = routeOf(new URL(String(input)).pathname, init?.method ?? 'GET');
  if (route) await check(route, response);
  return response;
};

function routeOf(path: string, method: string): Route | undefined {
  return table.find(({ route, pattern }) => route.method === method && pattern.test(path))?.route;
}

async function check(route: Route, response: Response): Promise<void> {
  const where = `${route.method} ${route.path} -> ${response.status}`;
  if (!response.headers.get('x-request-id')) throw new Error(`${where} has no x-request-id`);
  if (route.method === 'HEAD') return;
  if (response.status >= 400) {
    const problem = Problem.parse(await response.clone().json());
    const known: ProblemCode[] = [...commonProblems, ...(route.problems ?? []), ...(route.body ? bodyProblems : [])];
    if (!known.includes(problem.code)) throw new Error(`${where} is ${problem.code}, which the route does not list`);
    return;
  }
  const answer = route.answers[response.status];
  if (answer === undefined) throw new Error(`${where} is no status of the route`);
  if (typeof answer === 'string') return;
  const parsed = answer.safeParse(await response.clone().json());
  if (!parsed.success) throw new Error(`${where} does not fit its schema: ${parsed.error.message}`);
}
