import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBrowser } from '../../agent/browser.ts';
import { type Github, startGithub } from '../support/github/github.ts';
import { operatorKey, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let github: Github;
let browser: Browser;
beforeAll(async () => {
  const found = await findBrowser({ explicit: undefined, cacheDir: join(tmpdir(), 'qgjob-test-browser') });
  [server, github, browser] = await Promise.all([
    startTestServer(),
    startGithub({ kind: 'ghes' }),
    chromium.launch({ ...(found ? { executablePath: found.path } : {}), args: ['--no-sandbox', '--headless'] }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await github?.stop();
});

test('an operator at a browser without scripts registers an App, and every page keeps to its policy', async () => {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    httpCredentials: { username: 'me', password: operatorKey },
  });
  const page = await context.newPage();
  const misdeeds: string[] = [];
  page.on('console', (message) => misdeeds.push(message.text()));
  await page.goto(`${server.url}/github/setup`);
  await page.getByLabel('GitHub', { exact: true }).fill(github.webUrl);
  await page.getByRole('button', { name: 'Continue' }).click();
  const host = new URL(github.webUrl).host;
  await page.getByRole('heading', { name: `Create the App on ${host}` }).waitFor();
  expect(await page.textContent('body')).toContain('write checks');
  expect(await page.textContent('body')).toContain(`${server.url}/webhooks/github`);
  await page.getByRole('button', { name: `Create it on ${host}` }).click();
  await page.getByRole('heading', { name: 'is registered on' }).waitFor();
  expect(await page.getByRole('link', { name: 'Install it' }).getAttribute('href')).toMatch(
    new RegExp(`^${github.webUrl}/github-apps/qgjob-[^/]+/installations/new$`),
  );
  expect(misdeeds).toEqual([]);

  // the state is used up: the same address again is refused, as a page
  await page.reload();
  await page.getByRole('heading', { name: 'This registration cannot be gone on with' }).waitFor();
  await page.goto(`${server.url}/github/setup`);
  expect(await page.textContent('body')).toContain(`${host}: qgjob`);
  github.expectNoViolations();
});

test("another site's form is not taken, though the browser sends the key with it", async () => {
  const context = await browser.newContext({ httpCredentials: { username: 'me', password: operatorKey } });
  const page = await context.newPage();
  await page.goto(`${server.url}/github/setup`);
  const token = await page.getAttribute('input[name=form_token]', 'value');
  // localhost is another site than 127.0.0.1
  const elsewhere = server.url.replace('127.0.0.1', 'localhost');
  await page.route(`${elsewhere}/trap`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${server.url}/github/setup"><input name="form_token" value="${token}">
<input name="address" value="https://evil.example"><button>Win a prize</button></form>`,
    }),
  );
  await page.goto(`${elsewhere}/trap`);
  const answer = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('button').click();
  expect((await answer).status()).toBe(403);
});
