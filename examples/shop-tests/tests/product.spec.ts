import { expect } from '@playwright/test';
import { test } from '../shop.ts';

test.beforeEach(({ shop }) => shop.open());

test('a product is put into the cart as often as asked for', async ({ page, shop }) => {
  await shop.addToCart('Stoneware Mug', 2);
  await expect(page.getByText('2 × Stoneware Mug added to the cart.').first()).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Cart' })).toContainText('2');
});

test('opening a product moves the focus to its name', async ({ page }) => {
  await page.getByRole('link', { name: 'Sencha' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sencha' })).toBeFocused();
});

test('a product that is not sold leads back to the shop', async ({ page, shop }) => {
  await shop.open('product/lemonade');
  await expect(page.getByRole('heading', { name: 'This page does not exist.' })).toBeVisible();
  await page.getByRole('link', { name: 'Back to the shop' }).click();
  await expect(page.getByRole('heading', { name: 'Something warm?' })).toBeVisible();
});
