import { afterEach } from 'vitest';
import { openSqlite } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { storeSuite } from './store.suite.ts';

const folder = temporaryFolder();
let store: Store | undefined;
let files = 0;

afterEach(async () => {
  await store?.close();
  store = undefined;
});

storeSuite('SQLite', async () => {
  store = openSqlite(folder.file(`${++files}.db`));
  return store;
});
