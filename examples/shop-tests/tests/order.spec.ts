import { expect } from '@playwright/test';
import { test } from '../shop.ts';

test.beforeEach(async ({ shop }) => {
  await shop.open();
  await shop.addToCart('Pour-over Dripper');
  await shop.open('checkout');
  await shop.fillAddress();
});

test('an order is confirmed with its number, address and price', async ({ page, shop }) => {
  await page.getByLabel('Cash on delivery').check();
  await page.getByRole('button', { name: 'Order for €27.90' }).click();
  await expect(page.getByRole('heading', { name: 'Thank you, Ada Byron!' })).toBeVisible();
  await expect(page.getByText('Your order number is 1001.')).toBeVisible();
  await expect(page.getByText('Paid by: Cash on delivery')).toBeVisible();
  await expect(shop.amount('Total')).toHaveText('€27.90');
});

test('an order empties the cart', async ({ page, shop }) => {
  await page.getByRole('button', { name: 'Order for €27.90' }).click();
  await expect(page.getByText('Your order number is 1001.')).toBeVisible();
  await shop.openCart();
  await expect(page.getByText('Your cart is empty.')).toBeVisible();
});
