import { expect } from '@playwright/test';
import { test } from '../shop.ts';

test.beforeEach(({ shop }) => shop.open());

test('a new quantity changes the total at once', async ({ page, shop }) => {
  await shop.addToCart('Earl Grey');
  await shop.openCart();
  await expect(shop.amount('Total')).toHaveText('€12.80');
  await page.getByLabel('Quantity of Earl Grey').fill('2');
  await page.getByLabel('Quantity of Earl Grey').blur();
  await expect(shop.amount('Total')).toHaveText('€21.70');
});

test('the last product taken out leaves an empty cart', async ({ page, shop }) => {
  await shop.addToCart('Sencha');
  await shop.openCart();
  await page.getByRole('button', { name: 'Remove Sencha' }).click();
  await expect(page.getByText('Your cart is empty.')).toBeVisible();
});

test('the cart outlives a reload', async ({ page, shop }) => {
  await shop.addToCart('Paper Filters', 2);
  await page.reload();
  await shop.openCart();
  await expect(page.getByLabel('Quantity of Paper Filters')).toHaveValue('2');
});
