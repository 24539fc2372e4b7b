import { test as base, type Page } from '@playwright/test';

/** The shop as a customer uses it. What a test is about stays in the test; this is only the way there. */
export function shopOn(page: Page) {
  return {
    open: (place = '') => page.goto(`/#/${place}`),

    /** The version under test, as its footer says it. */
    version: async () => (await page.getByRole('contentinfo').textContent())?.match(/\d+\.\d+$/)?.[0],

    async addToCart(product: string, quantity = 1): Promise<void> {
      await page.getByRole('link', { name: 'Shop', exact: true }).click();
      await page.getByRole('link', { name: product }).click();
      await page.getByLabel('Quantity').fill(String(quantity));
      await page.getByRole('button', { name: 'Add to cart' }).click();
    },

    async openCart(): Promise<void> {
      await page.getByRole('navigation').getByRole('link', { name: 'Cart' }).click();
    },

    /** The amount in a row of the price table, such as "Total". */
    amount: (row: string) =>
      page
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name: row, exact: true }) })
        .getByRole('cell'),

    async fillAddress(address: Record<string, string> = ada): Promise<void> {
      for (const [label, value] of Object.entries(address)) await page.getByLabel(label).fill(value);
    },
  };
}

/** Someone who may order. */
export const ada = {
  'Full name': 'Ada Byron',
  Email: 'ada@example.com',
  'Street and number': 'St James’s Square 12',
  Postcode: '10115',
  Town: 'Berlin',
};

export const test = base.extend<{ shop: ReturnType<typeof shopOn> }>({
  shop: ({ page }, use) => use(shopOn(page)),
});
