import type { RegisteredApp } from '../../domain/github/app.ts';
import { installUrlOf } from '../../domain/github/findings.ts';
import type { BegunSetup } from '../../usecases/begin-github-setup.ts';
import { type Markup, markup } from './markup.ts';
import { page } from './page.ts';

const title = 'GitHub App';

export interface SetupPageParts {
  formToken: string;
  /** The server's clock, ms. */
  now: number;
  /** Of the App of the settings. */
  configuredHost: string | null;
  publicUrl: string;
}

/** Where the operator says at which GitHub the App is to be. */
export function setupPage(
  apps: readonly RegisteredApp[],
  { formToken, now, configuredHost, publicUrl }: SetupPageParts,
): string {
  const isReopened = apps.some(({ reopenedUntil }) => reopenedUntil !== null && reopenedUntil > now);
  return page(
    title,
    markup`<header><p class="soft">qgjob</p><h1>Register a GitHub App</h1></header>
<main>
<p>The App posts the results of every run as a check run on its commit. This page tells GitHub what the App may do; GitHub shows
it to you, makes the App and hands its keys to this server. It sends you back to <code>${publicUrl}</code>: open this page there,
not under another name of this server.</p>
${present(apps, configuredHost)}
<form method="post">
<input type="hidden" name="form_token" value="${formToken}">
<p><label>GitHub<br><input name="address" value="github.com" required maxlength="300" autocomplete="off"></label><br>
<span class="soft">github.com, SUBDOMAIN.ghe.com, or the address of a GitHub Enterprise Server: https://github.example.com</span></p>
<p><label>Organisation that is to own the App<br><input name="organization" maxlength="100" autocomplete="off"></label><br>
<span class="soft">Left empty, the App belongs to your own account. A private App is installed by its owner alone, so name the
organisation whose repositories are tested.</span></p>
<p><label><input type="checkbox" name="merge_queue" value="yes" checked> Serve merge queues</label><br>
<span class="soft">Untick for a GitHub Enterprise Server older than 3.12, which knows none.</span></p>
${isReopened ? markup`<p><label><input type="checkbox" name="replaces" value="yes"> Replace the App that this GitHub has now</label></p>` : ''}
<p><button type="submit">Continue</button></p>
</form>
</main>`,
  );
}

function present(apps: readonly RegisteredApp[], configuredHost: string | null): Markup | string {
  if (apps.length === 0 && configuredHost === null) return '';
  return markup`<h2>Registered</h2>
<ul>
${configuredHost === null ? '' : markup`<li><strong>${configuredHost}</strong>: by the server's settings (GITHUB_APP_ID)</li>`}
${apps
  .filter(({ host }) => host !== configuredHost)
  .map(
    (app) => markup`<li><strong>${app.host}</strong>: ${app.name},
<a href="${installUrlOf(app.webUrl, app.host, app.slug)}" rel="noreferrer">install it</a>; to replace it:
<code>qgjob github reset --host=${app.host}</code></li>
`,
  )}
</ul>
<h2>Register</h2>`;
}

/** What GitHub is going to be sent, by this page's one button: no script sends it. */
export function manifestPage({ github, action, manifest, warning }: BegunSetup): string {
  return page(
    title,
    markup`<header><p class="soft">qgjob</p><h1>Create the App on ${github.host}</h1></header>
<main>
${warning === null ? '' : markup`<p class="odd">${warning}</p>`}
<p>GitHub is going to ask for a name and to create this App, and sends you back here. The link is good for an hour, once, in this
browser.</p>
<dl>
<div><dt>It may</dt><dd>${Object.entries(manifest.default_permissions)
      .map(([name, level]) => `${level} ${name}`)
      .join(', ')}</dd></div>
<div><dt>It is told of</dt><dd>${manifest.default_events.join(', ')}</dd></div>
<div><dt>Webhooks go to</dt><dd>${manifest.hook_attributes.url}</dd></div>
</dl>
<form method="post" action="${action}">
<input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
<p><button type="submit">Create it on ${github.host}</button></p>
</form>
</main>`,
  );
}

/** The App is there: what is left to do. */
export function registeredPage({ host, webUrl, name, slug }: RegisteredApp): string {
  return page(
    title,
    markup`<header><p class="soft">qgjob</p><h1>${name} is registered on ${host}</h1></header>
<main>
<p>Its keys are kept encrypted on this server; nothing else needs them.</p>
<p><a href="${installUrlOf(webUrl, host, slug)}" rel="noreferrer"><strong>Install it</strong></a> on the repositories whose
tests run here. Then <code>qgjob doctor</code> says whether anything is missing.</p>
</main>`,
  );
}
