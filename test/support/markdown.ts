import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { mathFromMarkdown } from 'mdast-util-math';
import { gfm } from 'micromark-extension-gfm';
import { math } from 'micromark-extension-math';

/** What our own Markdown may hold besides text and code. */
export interface Allowed {
  /** Beginnings of the addresses it links to. */
  links: readonly string[];
}

/** Nodes that show text as it is, or lay it out. */
const inert = new Set([
  'root',
  'paragraph',
  'heading',
  'strong',
  'text',
  'inlineCode',
  'code',
  'table',
  'tableRow',
  'tableCell',
  'list',
  'listItem',
]);

/** What GitHub makes links, pictures or formulas of in plain text, after Markdown. */
const autolinks: readonly RegExp[] = [
  /@[\w-]/,
  /#\d/,
  /\bGH-\d/i,
  /:\w+:/,
  /www\./i,
  /:\/\//,
  /\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b/,
  /\$/,
];

/** The only HTML of ours: foreign text folded away, in references. */
const ownHtml = /^(<details><summary><code>(?:[\p{L}\p{N} ]|&#\d+;)*<\/code><\/summary>|<\/details>)$/u;

/**
 * Everything in a text that GitHub would make active and that is not ours, as `kind: what`: links, pictures, HTML, mentions,
 * formulas, diagrams and the like.
 */
export function activeNodes(markdown: string, { links }: Allowed): string[] {
  const found: string[] = [];
  const visit = (node: Nodes, inLink: boolean): void => {
    const what = 'value' in node ? node.value : 'url' in node ? node.url : '';
    const isOurs = node.type === 'link' && links.some((begin) => node.url.startsWith(begin)) && node.title == null;
    if (node.type === 'html' ? !ownHtml.test(node.value) : !inert.has(node.type) && !isOurs) {
      found.push(`${node.type}: ${what}`);
    }
    if (node.type === 'code' && node.lang !== 'text') found.push(`code of ${node.lang}: ${what}`);
    if (node.type === 'listItem' && node.checked != null) found.push('task');
    if (node.type === 'text' && !inLink) {
      for (const pattern of autolinks) if (pattern.test(node.value)) found.push(`text like ${pattern}: ${node.value}`);
    }
    if ('children' in node) for (const child of node.children) visit(child, inLink || node.type === 'link');
  };
  visit(parse(markdown), false);
  return found;
}

/** All the code in a text, spans and blocks: where foreign text is to be found. */
export function codeIn(markdown: string): string[] {
  const found: string[] = [];
  const visit = (node: Nodes): void => {
    if (node.type === 'inlineCode' || node.type === 'code') found.push(node.value);
    if ('children' in node) node.children.forEach(visit);
  };
  visit(parse(markdown));
  return found;
}

function parse(markdown: string) {
  return fromMarkdown(markdown, {
    extensions: [gfm(), math()],
    mdastExtensions: [gfmFromMarkdown(), mathFromMarkdown()],
  });
}
