import { problems } from '../../../contract/problem.ts';
import type { Route } from '../../../contract/route.ts';
import { type Markup, markup } from './markup.ts';
import { page } from './page.ts';

/** The API for people: every route, then every problem code. */
export function docsPage(routes: Readonly<Record<string, Route>>): string {
  const byTag = Map.groupBy(Object.values(routes), (route) => route.tag);
  return page(
    'qgjob API',
    markup`<header><h1>qgjob API</h1>
<p>JSON over HTTP. <a href="/openapi.json">/openapi.json</a> describes it for programs (OpenAPI 3.1): bodies, parameters,
answers. Send <code>Authorization: Bearer &lt;API key&gt;</code>, and an <code>Idempotency-Key</code> with a POST to make it safe to
repeat. An admin key may do what a submit key may, and a submit key what a read key may.</p></header>
<main>
${[...byTag].map(([tag, ofTag]) => markup`<h2>${tag}</h2>${routeTable(ofTag)}`)}
<h2>Problems</h2>
<p>Errors are <code>application/problem+json</code> (RFC 9457); <code>code</code> is one of these.</p>
${problemTable()}
</main>`,
  );
}

function routeTable(routes: readonly Route[]): Markup {
  return markup`<div class="wide"><table>
<thead><tr><th>Route</th><th>Key</th><th>What</th></tr></thead>
<tbody>
${routes.map(
  ({ method, path, role, summary }) => markup`<tr>
<td class="route">${method} ${path}</td><td>${role === 'public' ? 'none' : role}</td><td>${summary}</td>
</tr>
`,
)}
</tbody>
</table></div>`;
}

function problemTable(): Markup {
  return markup`<div class="wide"><table>
<thead><tr><th>Code</th><th>Status</th><th>What</th></tr></thead>
<tbody>
${Object.entries(problems).map(
  ([
    code,
    { status, title },
  ]) => markup`<tr id="${code}"><td class="route">${code}</td><td>${status}</td><td>${title}</td></tr>
`,
)}
</tbody>
</table></div>`;
}
