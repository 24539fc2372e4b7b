import { and, eq, sql } from 'drizzle-orm';
import type { Approval } from '../../domain/github/delivery.ts';
import type { ApprovalRecords } from '../webhook-records.ts';
import { type Connection, slots } from './statement.ts';

const p = sql.placeholder;

export function approvalRecords({ db, schema: { approvals: t }, lock, prepare }: Connection): ApprovalRecords {
  const isIt = and(eq(t.host, p('host')), eq(t.repositoryId, p('repositoryId')), eq(t.headSha, p('headSha')));
  const insert = prepare(db.insert(t).values(slots(t)).onConflictDoNothing());
  const locked = prepare<Approval>(lock(db.select().from(t).where(isIt)));
  const save = prepare(
    db
      .update(t)
      .set(slots(t, ['host', 'repositoryId', 'headSha']))
      .where(isIt),
  );
  return {
    lock: async (host, repositoryId, headSha) => {
      const nobody: Approval = { host, repositoryId, headSha, approvedBy: null, approvedAt: null };
      // a row to lock, be there an approval or not
      await insert.execute({ ...nobody });
      const [found = nobody] = await locked.execute({ host, repositoryId, headSha });
      return found;
    },
    save: async (approval) => {
      await save.execute({ ...approval });
    },
  };
}
