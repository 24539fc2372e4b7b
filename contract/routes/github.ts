import { z } from 'zod';
import { GithubAppResource, GithubHostName, GithubStatus } from '../github.ts';
import { route } from '../route.ts';

const ofHost = z.strictObject({ host: GithubHostName });
/** What tells the browser that began a registration from any other. */
const fromBrowser = z.object({
  cookie: z.string().max(8192).optional(),
  'sec-fetch-site': z.string().max(32).optional(),
  'content-type': z.string().max(200).optional(),
});

export const githubRoutes = {
  describeGithub: route({
    method: 'GET',
    path: '/v1/github',
    summary: 'The GitHub Apps of this server, and what is missing; asks GitHub',
    tag: 'administration',
    role: 'operator',
    query: z.strictObject({
      /** Also whether the App is installed there: `owner/name`. */
      repository: z
        .string()
        .max(200)
        .regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'owner/name')
        .optional(),
    }),
    answers: { 200: GithubStatus },
  }),
  reopenGithubApp: route({
    method: 'POST',
    path: '/v1/github/apps/{host}/reopen',
    summary: "Let /github/setup replace a host's App within the hour; it works on until then",
    tag: 'administration',
    role: 'operator',
    params: ofHost,
    answers: { 200: GithubAppResource },
    problems: ['not_found', 'github_app_exists'],
  }),
  removeGithubApp: route({
    method: 'DELETE',
    path: '/v1/github/apps/{host}',
    summary: "Forget a host's App and its keys at once; on GitHub it stays",
    tag: 'administration',
    role: 'operator',
    params: ofHost,
    answers: { 204: 'empty' },
    problems: ['not_found', 'github_app_exists'],
  }),
  githubSetupPage: route({
    method: 'GET',
    path: '/github/setup',
    summary: 'Register a GitHub App, for the operator at a browser',
    tag: 'operations',
    role: 'operator',
    headers: fromBrowser,
    answers: { 200: 'html' },
  }),
  beginGithubSetup: route({
    method: 'POST',
    path: '/github/setup',
    summary: 'What the form of that page sends',
    tag: 'operations',
    role: 'operator',
    isPageForm: true,
    headers: fromBrowser,
    body: 'bytes',
    maxBodyBytes: 16 * 1024,
    answers: { 200: 'html' },
    problems: ['setup_refused', 'github_app_exists', 'not_available', 'unsupported_media_type'],
  }),
  completeGithubSetup: route({
    method: 'GET',
    path: '/github/setup/callback',
    summary: 'Where GitHub sends the browser once the App is made',
    tag: 'operations',
    role: 'operator',
    headers: fromBrowser,
    query: z.object({
      code: z.string().regex(/^[\w.-]{1,200}$/, 'the code that GitHub gave'),
      state: z.string().min(1).max(200),
    }),
    answers: { 200: 'html' },
    problems: ['setup_refused', 'github_app_exists', 'github_unavailable', 'not_available'],
  }),
};
