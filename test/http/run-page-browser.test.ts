import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../agent/browser.ts';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { jobResult, sha256, startAgent, submission, testResult } from './work.ts';

let server: TestServer;
let org: TestOrg;
let browser: Browser;
beforeAll(async () => {
  const found = await findBrowser({ explicit: undefined, cacheDir: join(tmpdir(), 'qgjob-test-browser') });
  [server, browser] = await Promise.all([
    startTestServer(),
    chromium.launch({ ...(found ? { executablePath: found.path } : {}), args: ['--no-sandbox', '--headless'] }),
  ]);
  org = await server.org();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const attacks = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(2)</script>',
  '"><svg onload=alert(3)>',
  "' onmouseover='alert(4)",
  '</pre></details><iframe src=//evil.example></iframe>',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<style>*{display:none}</style>',
  'javascript:alert(5)',
];
const hidden = '\u001b[31mred\u001b[0m \u202Egnp.exe\u200B \u0007bell';

/** A run whose every text from outside is an attack. */
async function hostileRun(): Promise<string> {
  const all = attacks.join(' ');
  const { body: run } = await org.submit.submitRun({
    body: submission(org.id, {
      tests: attacks.slice(0, 3).map((attack) => `${attack.replaceAll('/', '')}.spec.ts`),
      project: all.slice(0, 128),
      github: {
        repository: 'octo/shop',
        head_sha: 'a5c3785ed8d6a35868bc169f07e40e889087fd2e',
        run_id: 99,
        ref: all.slice(0, 255),
        job: all.slice(0, 255),
        event: all.slice(0, 64),
        project_dir: attacks[2] ?? '',
      },
    }),
  });
  const lease = await (await startAgent(org.agent)).claim(3);
  const png = new TextEncoder().encode('<script>alert(6)</script>');
  await org.agent.putBlob({ params: { sha256: sha256(png) }, body: png });
  for (const id of lease.jobIds) {
    await lease.start(id);
    const error = { message: `${all} ${hidden}`, file: attacks[0] ?? '', line: 1, snippet: all };
    const attachments = [{ name: `${attacks[2]}.html`, content_type: 'text/html', sha256: sha256(png) }];
    await lease.result(
      id,
      jobResult({
        outcome: 'failed',
        errors: [error],
        tests: [
          testResult({ status: 'failed', title: all, title_path: attacks, file: all, errors: [error], attachments }),
        ],
      }),
    );
  }
  await lease.release();
  return run.id;
}

/** Opens a page as a person does, with the key as a password, and notes everything it should not do. */
async function visit(path: string): Promise<{ page: Page; misdeeds: string[] }> {
  const context = await browser.newContext({
    acceptDownloads: true,
    httpCredentials: { username: 'me', password: org.keys.read },
  });
  const page = await context.newPage();
  const misdeeds: string[] = [];
  page.on('dialog', (dialog) => {
    misdeeds.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) misdeeds.push(`request to ${request.url()}`);
  });
  page.on('console', (message) => misdeeds.push(`console ${message.text()}`));
  page.on('pageerror', (error) => misdeeds.push(`error ${error.message}`));
  await page.goto(server.url + path);
  return { page, misdeeds };
}

describe('in a browser, the page of a run', () => {
  test('shows hostile text as text: no script, no request elsewhere, no violation of its policy', async () => {
    const id = await hostileRun();
    const { page, misdeeds } = await visit(`/runs/${id}`);
    const text = (await page.locator('body').textContent()) ?? '';
    for (const attack of attacks) expect(text).toContain(attack);
    expect(text).toContain('red gnp.exe bell');
    expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u);
    expect(await page.locator('img,script,svg,iframe,[onerror],[onload],[onmouseover]').count()).toBe(0);
    expect(await page.locator('style').count()).toBe(1);
    const outside = await page.locator('a[href^="http"], a[href*=":"]').evaluateAll((links) => links.map(String));
    expect(outside.filter((href) => !href.startsWith('https://github.com/octo/shop/'))).toEqual([]);
    expect(misdeeds).toEqual([]);
  });

  test('has its style, light and dark', async () => {
    const { page, misdeeds } = await visit(`/runs/${await hostileRun()}`);
    const colour = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await colour()).toBe('rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await colour()).toBe('rgb(19, 21, 23)');
    expect(misdeeds).toEqual([]);
  });

  test('gives attachments as downloads, under the name the test gave', async () => {
    const { page, misdeeds } = await visit(`/runs/${await hostileRun()}`);
    const downloading = page.waitForEvent('download');
    await page.locator('a[download]').first().click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/\.html$/);
    expect(page.url()).toContain('/runs/');
    expect(misdeeds).toEqual([]);
  });

  test('fits a phone without scrolling sideways', async () => {
    const { page } = await visit(`/runs/${await hostileRun()}`);
    await page.setViewportSize({ width: 375, height: 800 });
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBe(375);
  });
});
