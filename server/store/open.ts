import type { Store } from './store.ts';

/**
 * Opens the store an address names: `postgres://…`, or the path of a SQLite file. Only the driver that is needed is loaded.
 * @throws Error when it cannot be opened
 */
export async function openStore(address: string, options: { onFatal?: (error: Error) => void } = {}): Promise<Store> {
  if (/^postgres(ql)?:\/\//.test(address)) {
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(address);
  }
  const { openSqlite } = await import('./sqlite.ts');
  return openSqlite(address, options);
}
