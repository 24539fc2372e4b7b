import type { Problem } from '../../../contract/problem.ts';
import { markup } from './markup.ts';
import { page } from './page.ts';

/** A refusal, for people at a browser. */
export function problemPage({ title, detail, code, request_id }: Problem): string {
  return page(
    title,
    markup`<header><p class="soft">qgjob</p><h1>${title}</h1></header>
<main><p>${detail}</p><p class="soft">${code} · request ${request_id}</p></main>`,
  );
}
