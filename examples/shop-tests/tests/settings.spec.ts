import { expect } from '@playwright/test';
import { test } from '../shop.ts';

test.beforeEach(({ shop }) => shop.open('settings'));

test('the chosen language speaks on every page and outlives a reload', async ({ page, shop }) => {
  await page.getByLabel('Language').selectOption('Deutsch');
  await expect(page.getByLabel('Sprache')).toBeFocused();
  await shop.open('product/sencha');
  await page.reload();
  await expect(page.getByText('10,50 €')).toBeVisible();
  await expect(page.getByRole('button', { name: 'In den Warenkorb' })).toBeVisible();
});

test('the dark appearance is really dark', async ({ page }) => {
  await page.getByLabel('Dark').check();
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(20, 32, 28)');
  await page.getByLabel('Light').check();
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(250, 246, 238)');
});
