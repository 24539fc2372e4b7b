import { expect } from '@playwright/test';
import { test } from '../shop.ts';

test.beforeEach(({ shop }) => shop.open());

test('two of a kind cost twice the price', async ({ shop }) => {
  await shop.addToCart('Morning Blend', 2);
  await shop.openCart();
  await expect(shop.amount('Subtotal')).toHaveText('€25.90');
  await expect(shop.amount('Total')).toHaveText('€29.80');
});

test('from three of a kind the line costs 15 % less', async ({ shop }) => {
  await shop.addToCart('Morning Blend', 3);
  await shop.openCart();
  await expect(shop.amount('Subtotal')).toHaveText('€38.85');
  await expect(shop.amount('Total')).toHaveText('€36.92');
});

test('delivery is free from €40', async ({ shop }) => {
  await shop.addToCart('Gooseneck Kettle');
  await shop.openCart();
  await expect(shop.amount('Delivery')).toHaveText('free');
  await expect(shop.amount('Total')).toHaveText('€49.90');
});

test('a voucher takes its value off the total, once', async ({ page, shop }) => {
  test.skip((await shop.version()) === '1.0', 'vouchers come with version 1.1');
  await shop.addToCart('Pour-over Dripper');
  await shop.openCart();
  await page.getByLabel('Voucher code').fill('welcome5');
  await page.getByRole('button', { name: 'Redeem' }).click();
  await expect(shop.amount('Voucher')).toHaveText('-€5.00');
  await expect(shop.amount('Total')).toHaveText('€22.90');
});
