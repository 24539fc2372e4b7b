import { createHash } from 'node:crypto';
import { type Markup, markup, trusted } from './markup.ts';
import { style } from './style.ts';

const styleHash = createHash('sha256').update(style).digest('base64');

/** Of every page: its own style and nothing else, no script at all, from anywhere. */
export const pageHeaders = pageHeadersFor("'none'");

/** @param formAction where the page's forms may go: origins, `'self'` */
export function pageHeadersFor(formAction: string): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${styleHash}'`,
      "base-uri 'none'",
      `form-action ${formAction}`,
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

/** A whole page. One that is not final yet loads itself again. */
export function page(title: string, body: Markup, { refreshSeconds }: { refreshSeconds?: number } = {}): string {
  const refresh = refreshSeconds && markup`<meta http-equiv="refresh" content="${refreshSeconds}">`;
  return String(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${refresh || ''}
<style>${trusted(style)}</style>
</head>
<body>
${body}
</body>
</html>
`);
}
