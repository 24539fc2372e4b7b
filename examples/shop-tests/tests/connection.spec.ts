import { expect } from '@playwright/test';
import { test } from '../shop.ts';

// Flaky by construction, so that the demo shows what becomes of a flaky test: it passes its job and is counted. What it
// plays is the usual reason: the first answer comes too late for the test's patience, the second one in time.
test('the catalogue opens within a second and a half', async ({ page, shop }, { retry }) => {
  if (retry === 0) await page.route('**/catalogue.json', () => {});
  await shop.open();
  await expect(page.getByRole('link', { name: 'Morning Blend' })).toBeVisible({ timeout: 1_500 });
});

test('a lost connection is said, and loses nothing from the cart', async ({ page, context, shop }) => {
  await shop.open();
  await shop.addToCart('Sencha', 2);
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await shop.openCart();
  await expect(page.getByLabel('Quantity of Sencha')).toHaveValue('2');
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toBeHidden();
});

test('a shop that cannot be reached offers to try again', async ({ page, shop }) => {
  await page.route('**/catalogue.json', (route) => route.abort(), { times: 1 });
  await shop.open();
  await expect(page.getByRole('alert')).toHaveText('The shop cannot be reached.');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('link', { name: 'Morning Blend' })).toBeVisible();
});
