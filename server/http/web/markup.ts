import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { withoutColours } from '../../domain/plain-text.ts';

/** HTML in which every text from outside has been escaped. */
export type Markup = HtmlEscapedString;

type Child = string | number | null | undefined | Markup | readonly Child[];

/** A tagged template: texts put into it are escaped and rid of what could deceive, markup stays as it is. */
export function markup(strings: TemplateStringsArray, ...children: Child[]): Markup {
  // safe because html only gives a promise where a child is one
  return html(strings, ...children.map(inert)) as Markup;
}

/** Our own text that must not be escaped: a style sheet. */
export function trusted(text: string): Markup {
  return raw(text);
}

/** Neither control characters nor those that reorder or hide text; line breaks and tabs stay for `<pre>`. */
const deceptive = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/gu;

function inert(child: Child): Child {
  if (typeof child === 'string') return withoutColours(child).replace(deceptive, '');
  return Array.isArray(child) ? child.map(inert) : child;
}
