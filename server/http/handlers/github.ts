import { githubFindings } from '../../domain/github/findings.ts';
import { beginGithubSetup } from '../../usecases/begin-github-setup.ts';
import { completeGithubSetup } from '../../usecases/complete-github-setup.ts';
import { describeGithub } from '../../usecases/describe-github.ts';
import { listGithubApps, removeGithubApp, reopenGithubApp } from '../../usecases/manage-github-apps.ts';
import type { RegistrationDeps } from '../../usecases/registration.ts';
import { browserCookie, browserOf, formToken, readOwnForm } from '../page-form.ts';
import { presentDescribedApp, presentRegisteredApp } from '../present-github.ts';
import type { Handlers } from '../request-context.ts';
import { pageHeadersFor } from '../web/page.ts';
import { manifestPage, registeredPage, setupPage } from '../web/setup-page.ts';

/** Handlers of the registration of GitHub Apps, and of what is missing for them to work. */
export function githubHandlers(deps: RegistrationDeps) {
  const { publicUrl, configured } = deps.registration;
  return {
    async describeGithub({ query }, { caller }) {
      const apps = await describeGithub(deps, caller, query.repository ?? null);
      const findings = githubFindings(
        apps.map(({ facts }) => facts),
        publicUrl,
      );
      return { status: 200, body: { apps: apps.map(presentDescribedApp), findings } };
    },
    async reopenGithubApp({ params }, { caller }) {
      return { status: 200, body: presentRegisteredApp(await reopenGithubApp(deps, caller, params.host)) };
    },
    async removeGithubApp({ params }, { caller }) {
      await removeGithubApp(deps, caller, params.host);
      return { status: 204, body: undefined };
    },
    async githubSetupPage({ headers }, { caller }) {
      const apps = await listGithubApps(deps, caller);
      const browser = browserOf(headers) ?? deps.newToken();
      const body = setupPage(apps, {
        formToken: formToken(browser),
        now: deps.now(),
        configuredHost: configured?.host ?? null,
        publicUrl,
      });
      const cookie = browserCookie(browser, publicUrl);
      return { status: 200, body, headers: { ...formHeaders("'self'"), 'set-cookie': cookie } };
    },
    async beginGithubSetup({ headers, body }, { caller }) {
      const { browser, fields } = await readOwnForm(headers, body);
      const form = {
        address: fields.get('address') ?? '',
        organization: fields.get('organization')?.trim() ?? '',
        hasMergeQueue: fields.get('merge_queue') === 'yes',
        replaces: fields.get('replaces') === 'yes',
      };
      const begun = await beginGithubSetup(deps, caller, form, browser);
      // 'self' as well: browsers hold the redirect back to the same list
      return { status: 200, body: manifestPage(begun), headers: formHeaders(`${begun.github.webUrl} 'self'`) };
    },
    async completeGithubSetup({ query, headers }, { caller }) {
      const app = await completeGithubSetup(deps, caller, query, browserOf(headers) ?? '');
      return { status: 200, body: registeredPage(app), headers: formHeaders("'none'") };
    },
  } satisfies Partial<Handlers>;
}

/** GitHub's page is sent our origin and nothing else of the address: with no-referrer a form's origin is `null`. */
function formHeaders(formAction: string): Record<string, string> {
  return { ...pageHeadersFor(formAction), 'referrer-policy': 'strict-origin' };
}
