import { z } from 'zod';
import { Instant } from './words.ts';

/** A GitHub by name: `github.com`, `acme.ghe.com`, `github.acme.example`, with its port where that is not https's own. */
export const GithubHostName = z
  .string()
  .max(255)
  .regex(/^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/, 'a host name');

/** One thing looked at; `advice` says what to do where it is not well. */
export const GithubFinding = z.strictObject({
  /** Which GitHub; null where it is about this server. */
  host: z.string().nullable(),
  check: z.enum([
    'app',
    'public_url',
    'secrets',
    'key',
    'clock',
    'permissions',
    'events',
    'webhook_url',
    'deliveries',
    'installations',
  ]),
  ok: z.boolean(),
  detail: z.string(),
  advice: z.string().nullable(),
});
export type GithubFinding = z.infer<typeof GithubFinding>;

export const GithubAppResource = z.strictObject({
  host: z.string(),
  app_id: z.int(),
  /** Null where GitHub has not told: an App of the settings, whose key does not work. */
  slug: z.string().nullable(),
  /** `settings`: GITHUB_APP_ID and its companions; `setup`: the page /github/setup. */
  from: z.enum(['settings', 'setup']),
  registered_at: Instant.nullable(),
  /** Until when another registration may take its place; null: it may not. */
  reopened_until: Instant.nullable(),
  /** Where an account installs it. */
  install_url: z.string().nullable(),
});
export type GithubAppResource = z.infer<typeof GithubAppResource>;

export const GithubStatus = z.strictObject({
  apps: z.array(GithubAppResource),
  findings: z.array(GithubFinding),
});
export type GithubStatus = z.infer<typeof GithubStatus>;
