import type { Github } from '../support/github/github.ts';
import { operatorKey, type TestServer } from '../support/server.ts';

/** Fields of the form at /github/setup; an empty one is sent as it is. */
export type SetupOptions = Record<string, string>;

interface Shown {
  status: number;
  text: string;
  policy: string;
}

/** The page that sends the manifest. */
export interface ManifestPage extends Shown {
  action: string;
  manifest: string;
}

export interface Setup {
  cookie: string;
  /** The same browser, where the server is after it was started again. */
  at(server: Pick<TestServer, 'url'>): Setup;
  /** Sends our form. */
  begin(fields: SetupOptions, headers?: Record<string, string>): Promise<ManifestPage>;
  /** Sends the manifest to GitHub and agrees. @returns where GitHub sends the browser */
  submit(page: ManifestPage): Promise<URL>;
  /** Goes where GitHub sends the browser. */
  visit(back: URL, key?: string): Promise<Shown>;
}

/** What a browser without scripts does at the setup page, with the operator's key as its password. */
export async function openSetup(server: Pick<TestServer, 'url'>): Promise<Setup> {
  const opened = await fetch(`${server.url}/github/setup`, { headers: { authorization: basic(), accept } });
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  return browserAt(server.url, cookie, field(await opened.text(), 'form_token'));
}

const accept = 'text/html,application/xhtml+xml';
const basic = (key = operatorKey) => `Basic ${Buffer.from(`me:${key}`).toString('base64')}`;

function browserAt(serverUrl: string, cookie: string, token: string): Setup {
  const shown = async (response: Response): Promise<Shown> => ({
    status: response.status,
    text: unescaped(await response.text()),
    policy: response.headers.get('content-security-policy') ?? '',
  });
  return {
    cookie,
    at: ({ url }) => browserAt(url, cookie, token),
    async begin(fields, headers = {}) {
      const body = new URLSearchParams({ form_token: token, merge_queue: 'yes', ...fields });
      const response = await fetch(`${serverUrl}/github/setup`, {
        method: 'POST',
        body,
        headers: { authorization: basic(), accept, cookie, 'sec-fetch-site': 'same-origin', ...headers },
      });
      const page = await shown(response);
      return {
        ...page,
        action: /<form method="post" action="([^"]*)"/.exec(page.text)?.[1] ?? '',
        manifest: manifestOf(page.text),
      };
    },
    async submit({ action, manifest }) {
      const response = await fetch(action, {
        method: 'POST',
        body: new URLSearchParams({ manifest }),
        redirect: 'manual',
      });
      const location = response.headers.get('location');
      if (location === null) throw new Error(`GitHub objects: ${await response.text()}`);
      return new URL(location);
    },
    async visit(back, key) {
      // the path is what counts: a public address that is none leads nowhere
      const url = serverUrl + back.pathname + back.search;
      return shown(await fetch(url, { headers: { authorization: basic(key), accept, cookie } }));
    },
  };
}

/** The whole way. @returns the last page, or the refusal of our form */
export async function register(server: TestServer, github: Github, fields: SetupOptions = {}): Promise<Shown> {
  const setup = await openSetup(server);
  const page = await setup.begin({ address: github.webUrl, ...fields });
  return page.status === 200 ? setup.visit(await setup.submit(page)) : page;
}

function field(html: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
}

/** It holds quotes, so that it is read before they are put back. */
function manifestOf(text: string): string {
  return /name="manifest" value="(\{.*\})"/.exec(text)?.[1] ?? '';
}

function unescaped(html: string): string {
  return html
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
