import type { PastJob } from '../domain/past-job.ts';

export interface HistoryRecords {
  /**
   * The jobs before the one numbered `before`, newest first, whatever became of them: one org's, or every org's for null. Reads
   * `limit` of them and no more.
   */
  jobs(orgId: string | null, before: number | null, limit: number): Promise<PastJob[]>;
}
