import { defineConfig, devices } from '@playwright/test';

/** Where the shop is, when nobody says otherwise: an agent serves the app version under test to its device and sets `baseURL`. */
const baseURL = process.env.SHOP_URL ?? 'http://127.0.0.1:4173';

export default defineConfig({
  testDir: 'tests',
  forbidOnly: true,
  retries: 1,
  timeout: 15_000,
  expect: { timeout: 3_000 },
  use: { baseURL, locale: 'en-IE', screenshot: 'only-on-failure' },
  projects: [{ name: 'mobile', use: { ...devices['Pixel 7'] } }],
});
