/** A repository as a webhook names it. The id is what counts: names change. */
export interface EventRepository {
  id: number;
  /** `owner/name`. */
  fullName: string;
}

interface InRepository {
  repository: EventRepository;
  /** Null where the webhook names no installation. */
  installationId: number | null;
}

/** What a maintainer may ask for in a comment. `sha`: the commit they looked at, as far as they typed it. */
export type CommentCommand = { name: 'run'; sha: string | null } | { name: 'retry' };

/** The buttons under a check run: see domain/check-output. */
export const buttons = ['rerun_failed', 'rerun_other', 'quarantine'] as const;
export type Button = (typeof buttons)[number];

/**
 * What a webhook told, as far as it matters here: everything else is dropped on receipt. Told once, late, twice or in any
 * order; so none of it is taken for the present state of anything. Instants are GitHub's.
 */
export type GithubEvent =
  /** It was pushed to, or closed. */
  | (InRepository & { kind: 'pull_request'; number: number; updatedAt: number })
  | (InRepository & { kind: 'workflow_cancelled'; runId: number; runAttempt: number })
  /** Somebody wants a check run of ours again, or all of ours on a commit. `at`: when its suite was last touched. */
  | (InRepository & { kind: 'check_rerequested'; externalId: string; at: number | null })
  | (InRepository & { kind: 'suite_rerequested'; headSha: string; at: number | null })
  | (InRepository & { kind: 'button'; externalId: string; button: Button; sender: string })
  | (InRepository & { kind: 'merge_group_destroyed'; headSha: string })
  | (InRepository & {
      kind: 'comment';
      pullRequest: number;
      author: string;
      createdAt: number;
      commands: CommentCommand[];
    })
  | {
      kind: 'installation';
      installationId: number;
      account: string;
      state: 'active' | 'suspended' | 'deleted';
      /** Some repository of it, to ask GitHub by; null where the webhook names none. */
      repository: string | null;
    }
  | {
      kind: 'installation_repositories';
      installationId: number;
      changed: (EventRepository & { isRemoved: boolean })[];
    };
