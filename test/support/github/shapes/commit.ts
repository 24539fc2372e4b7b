import type { Commit } from '../state.ts';
import { iso } from './account.ts';

/** `simple-commit` of GitHub's description. */
export function commit(sha: string, known: Commit | undefined) {
  const who = { name: 'Ada', email: 'ada@example.com' };
  return {
    id: sha,
    tree_id: sha.split('').reverse().join(''),
    message: known?.message ?? '',
    timestamp: iso(known?.at ?? 0),
    author: who,
    committer: who,
  };
}
