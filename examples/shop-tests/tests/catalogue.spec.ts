import { expect } from '@playwright/test';
import { test } from '../shop.ts';

test.beforeEach(({ shop }) => shop.open());

test('the catalogue shows every product with its price', async ({ page }) => {
  await expect(page.getByRole('listitem')).toHaveCount(8);
  const kettle = page.getByRole('listitem').filter({ hasText: 'Gooseneck Kettle' });
  await expect(kettle).toContainText('€49.90');
});

test('the search narrows the list while typing, whatever the case', async ({ page }) => {
  await page.getByLabel('Search the shop').pressSequentially('TEA');
  await expect(page.getByRole('status')).toHaveText('2 of 8 products');
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['Earl Grey', 'Sencha']);
});

test('a search without a match says so', async ({ page }) => {
  await page.getByLabel('Search the shop').fill('lemonade');
  await expect(page.getByText('Nothing found for “lemonade”.')).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveCount(0);
});
