import { appOf, type Plan } from './act.ts';

/**
 * The App was installed, suspended, let go on or removed. Where the webhook names a repository GitHub is asked how it stands
 * now, so that the order of events does not matter; an id is never given twice, so that what is deleted stays so.
 */
export const noteInstallation: Plan<'installation'> = async (deps, host, event) => {
  const { installationId: id, account, repository } = event;
  const app = appOf(deps, host);
  let { state } = event;
  if (state !== 'deleted' && repository !== null) {
    const now = await app.installationOf(repository);
    if (now?.id === id) state = now.suspended ? 'suspended' : 'active';
  }
  if (state !== 'active') app.forget(id);
  return async ({ tx, now }) => {
    const known = await tx.installations.find(host, id);
    if (known?.state === 'deleted') return 'The installation is gone.';
    await tx.installations.put({ host, id, account, state, changedAt: now });
    if (state === 'active') await tx.checks.resume({ host, owner: account.toLowerCase() }, now - resumeMs, now);
    return null;
  };
};

/** Results older than this are posted no more when the App may write again. */
const resumeMs = 3 * 86_400_000;

/** Asked about one by one; of more than this, the webhook is believed. */
const maxAsked = 50;

/** Repositories came to an installation, or left it. Tokens made for them before are forgotten. */
export const noteRepositories: Plan<'installation_repositories'> = async (deps, host, { installationId, changed }) => {
  const app = appOf(deps, host);
  const removed = new Map(changed.map(({ id, isRemoved }) => [id, isRemoved]));
  for (const { id, fullName } of changed.slice(0, maxAsked)) {
    removed.set(id, (await app.installationOf(fullName))?.id !== installationId);
  }
  if ([...removed.values()].includes(true)) app.forget(installationId);
  return async ({ tx, now }) => {
    for (const [id, isRemoved] of removed) await tx.installations.markRepository(host, id, isRemoved ? now : null);
    const back = changed.filter(({ id }) => removed.get(id) === false);
    for (const owner of new Set(back.map(({ fullName }) => fullName.split('/', 1)[0]?.toLowerCase() ?? ''))) {
      await tx.checks.resume({ host, owner }, now - resumeMs, now);
    }
    return removed.size > 0 ? null : 'No repository is named.';
  };
};
