import { problems } from '../../contract/problem.ts';
import { commonProblems, type Route } from '../../contract/route.ts';
import { routes } from '../../contract/routes.ts';

/** docs/api.md: every route and every problem, from the tables themselves. */
export function renderApiPage(): string {
  const all: Route[] = Object.values(routes);
  const tags = [...new Set(all.map(({ tag }) => tag))];
  const sections = tags.map((tag) => {
    const rows = all.filter((route) => route.tag === tag).map(renderRoute);
    return [
      `## ${tag[0]?.toUpperCase()}${tag.slice(1)}`,
      '',
      '| route | who | answers | what |',
      '|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  const codes = Object.entries(problems).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`);
  return `${[
    '# The API',
    '',
    'Generated from `contract/routes.ts` by `npm run generate:docs`; do not edit. A server describes itself in full at',
    '`GET /openapi.json` and, for people, at `GET /docs`.',
    '',
    '*who* is the role an API key needs: `admin` may do what `submit` may, `submit` what `read` may; `agent` stands apart,',
    '`any` takes every key and `public` none.',
    '',
    sections.join('\n\n'),
    '',
    '## Problems',
    '',
    `Errors are RFC 9457 problem documents with one of these codes. Every route may also answer ${commonProblems
      .map((code) => `\`${code}\``)
      .join(', ')}.`,
    '',
    '| code | status | meaning |',
    '|---|---|---|',
    ...codes,
  ].join('\n')}\n`;
}

function renderRoute({ method, path, role, answers, problems: own = [], summary }: Route): string {
  const statuses = [...Object.keys(answers), ...own.map((code) => `${problems[code].status} \`${code}\``)];
  return `| \`${method} ${path}\` | ${role} | ${statuses.join(', ')} | ${summary} |`;
}
