import { readFile } from 'node:fs/promises';
import { InstalledApp } from '../../contract/agent.ts';
import { writeAtomically } from '../write-atomically.ts';

/** The install ledger of one device: what is on it, over restarts of the agent. */
export interface Ledger {
  /** What the device holds; null when nothing or nothing certain. */
  installed(): InstalledApp | null;
  /** Whether the device already holds these very bytes. An id alone proves nothing, except where no bytes are known. */
  holds(app: InstalledApp): boolean;
  /** To be written before an install begins, so that one cut off leaves nothing to be trusted. */
  forget(): Promise<void>;
  /** To be written after an install is complete. */
  record(app: InstalledApp): Promise<void>;
}

/** Opens the ledger in `file`; one that is missing or damaged trusts nothing. */
export async function openLedger(file: string): Promise<Ledger> {
  let installed = await read(file);
  async function write(app: InstalledApp | null): Promise<void> {
    await writeAtomically(file, `${JSON.stringify(app)}\n`);
    installed = app;
  }
  return {
    installed: () => installed,
    holds(app) {
      if (installed?.org_id !== app.org_id || installed.sha256 !== app.sha256) return false;
      return app.sha256 !== null || installed.app_version_id === app.app_version_id;
    },
    async forget() {
      installed = null;
      await write(null);
    },
    record: write,
  };
}

async function read(file: string): Promise<InstalledApp | null> {
  try {
    return InstalledApp.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}
