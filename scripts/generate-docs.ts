/**
 * Writes the pages of docs/ that say again what code says already. Run by `npm run generate:docs`; each page has a test that
 * compares the committed file with a fresh render.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderApiPage } from './docs/api-page.ts';
import { renderLifecyclePage } from './docs/lifecycle-page.ts';

const pages: Record<string, () => string> = {
  'docs/api.md': renderApiPage,
  'docs/lifecycle.md': renderLifecyclePage,
};

for (const [path, render] of Object.entries(pages)) {
  const file = join(import.meta.dirname, '..', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, render());
  console.log(`generate-docs: ${path}`);
}
