import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';

/** The shop's versions, oldest first. `src` is 1.0; a later one has a folder of the files in which it differs. */
export const shopVersions = ['1.0', '1.1'] as const;
export type ShopVersion = (typeof shopVersions)[number];

const shopFolder = import.meta.dirname;

/**
 * Packs a version of the shop, a static site with `index.html` at its root, as a gzipped tar archive at `outFile`.
 * The same sources give the same bytes whenever and wherever they are packed: an app version is known by its SHA-256.
 */
export async function buildShop(version: ShopVersion, outFile: string): Promise<void> {
  const site = mkdtempSync(join(tmpdir(), 'shop-'));
  try {
    cpSync(join(shopFolder, 'src'), site, { recursive: true });
    if (version !== '1.0') cpSync(join(shopFolder, version), site, { recursive: true });
    const files = readdirSync(site, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(site.length + 1)
          .replaceAll('\\', '/'),
      )
      .sort();
    for (const file of files) chmodSync(join(site, file), 0o644);
    await create({ file: outFile, cwd: site, gzip: true, portable: true, mtime: new Date(0) }, files);
  } finally {
    rmSync(site, { recursive: true, force: true });
  }
}
