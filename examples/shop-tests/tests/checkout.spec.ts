import { expect } from '@playwright/test';
import { test } from '../shop.ts';

test.beforeEach(async ({ shop }) => {
  await shop.open();
  await shop.addToCart('Stoneware Mug', 2);
  await shop.open('checkout');
});

test('an empty form is not sent, and the focus goes to its first field', async ({ page }) => {
  await page.getByRole('button', { name: 'Order for €32.90' }).click();
  await expect(page.getByText('Please fill this in.')).toHaveCount(5);
  await expect(page.getByLabel('Full name')).toBeFocused();
});

test('a wrong postcode is explained at its field', async ({ page, shop }) => {
  await shop.fillAddress();
  await page.getByLabel('Postcode').fill('SW1Y');
  await page.getByRole('button', { name: 'Order for €32.90' }).click();
  await expect(page.getByLabel('Postcode')).toHaveAccessibleDescription('A postcode has five digits.');
  await expect(page.getByLabel('Postcode')).toBeFocused();
});

test('a half-filled form outlives a reload', async ({ page }) => {
  await page.getByLabel('Full name').fill('Ada Byron');
  await page.reload();
  await expect(page.getByLabel('Full name')).toHaveValue('Ada Byron');
});
