import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildShop, type ShopVersion, shopVersions } from '../shop/build.ts';

const folder = '.qgjob/demo';

/** Where a version's build is, relative to the checkout. It stays after the demo, for the commands to try next. */
export const buildFile = (version: ShopVersion) => `${folder}/shop-${version}.tgz`;

export async function buildBoth(checkout: string): Promise<void> {
  await mkdir(join(checkout, folder), { recursive: true });
  for (const version of shopVersions) await buildShop(version, join(checkout, buildFile(version)));
}
