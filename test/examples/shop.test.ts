import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { extract, list } from 'tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildShop, type ShopVersion, shopVersions } from '../../examples/shop/build.ts';

interface Line {
  product: { priceCents: number };
  quantity: number;
}

interface Pricing {
  priceCart(lines: Line[], voucher?: { cents: number; fromCents: number } | null): Record<string, number>;
}

let folder: string;
const archiveOf = (version: ShopVersion) => join(folder, `${version}.tgz`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-test-'));
  for (const version of shopVersions) await buildShop(version, archiveOf(version));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The price module as a build ships it. */
async function pricingOf(version: ShopVersion): Promise<Pricing> {
  const site = join(folder, version);
  await mkdir(site, { recursive: true });
  await extract({ file: archiveOf(version), cwd: site });
  return import(pathToFileURL(join(site, 'pricing.js')).href) as Promise<Pricing>;
}

const line = (priceCents: number, quantity: number): Line => ({ product: { priceCents }, quantity });

describe('the builds of the example shop', () => {
  test.for(shopVersions)('version %s has the same bytes whenever it is built', async (version) => {
    const again = join(folder, `${version}-again.tgz`);
    await buildShop(version, again);
    expect(readFileSync(again).equals(readFileSync(archiveOf(version)))).toBe(true);
  });

  test('the two versions differ', () => {
    expect(readFileSync(archiveOf('1.0')).equals(readFileSync(archiveOf('1.1')))).toBe(false);
  });

  test.for(shopVersions)(
    'version %s has its page at the root, and its files in order, without owner and time',
    async (version) => {
      const entries: { path: string; mtime: number | undefined; uid: number | undefined }[] = [];
      await list({
        file: archiveOf(version),
        onReadEntry: ({ path, mtime, uid }) => void entries.push({ path, mtime: mtime?.getTime(), uid }),
      });
      const paths = entries.map(({ path }) => path);
      expect(paths).toContain('index.html');
      expect(paths).toEqual(paths.toSorted());
      expect(new Set(entries.map(({ mtime, uid }) => `${mtime} ${uid}`))).toEqual(new Set(['0 undefined']));
    },
  );
});

describe('what a cart costs in version 1.0', () => {
  test.for([
    { what: 'an empty cart', lines: [], discount: 0, delivery: 0, total: 0 },
    { what: 'two of a kind', lines: [line(1295, 2)], discount: 0, delivery: 390, total: 2980 },
    { what: 'three of a kind', lines: [line(1295, 3)], discount: 583, delivery: 390, total: 3692 },
    {
      what: 'three kinds',
      lines: [line(425, 1), line(890, 1), line(1050, 1)],
      discount: 0,
      delivery: 390,
      total: 2755,
    },
    { what: 'half a cent of discount', lines: [line(10, 3), line(30, 3)], discount: 5 + 14, delivery: 390, total: 491 },
    { what: 'goods for just under the free delivery', lines: [line(3999, 1)], discount: 0, delivery: 390, total: 4389 },
    { what: 'goods for just the free delivery', lines: [line(4000, 1)], discount: 0, delivery: 0, total: 4000 },
    {
      what: 'goods that are below it after the discount',
      lines: [line(1400, 3)],
      discount: 630,
      delivery: 390,
      total: 3960,
    },
  ])('$what', async ({ lines, discount, delivery, total }) => {
    const { priceCart } = await pricingOf('1.0');
    expect(priceCart(lines)).toMatchObject({ discountCents: discount, deliveryCents: delivery, totalCents: total });
  });
});

describe('what the demo counts on in version 1.1', () => {
  test('three bags of coffee cost a cent too much, because the discount is rounded per piece', async () => {
    const { priceCart } = await pricingOf('1.1');
    expect(priceCart([line(1295, 3)])).toMatchObject({ totalCents: 3693 });
  });

  test('a voucher counts once, and from its amount on', async () => {
    const { priceCart } = await pricingOf('1.1');
    const voucher = { cents: 500, fromCents: 2000 };
    expect(priceCart([line(2400, 1)], voucher)).toMatchObject({ voucherCents: 500, totalCents: 2290 });
    expect(priceCart([line(1999, 1)], voucher)).toMatchObject({ voucherCents: 0, totalCents: 2389 });
  });
});
