import type { GithubHost } from './host.ts';

/** A GitHub App that was registered through the setup page, as it is kept: what is secret is sealed. */
export interface RegisteredApp extends GithubHost {
  appId: number;
  slug: string;
  name: string;
  clientId: string;
  registeredAt: number;
  /** Until when another registration may take its place; null: it may not. */
  reopenedUntil: number | null;
  sealedPrivateKey: string;
  sealedWebhookSecret: string;
}

/** A registration under way, between our form and GitHub's answer. Of what only the browser may know, digests are kept. */
export interface AppSetup extends GithubHost {
  stateHash: string;
  browserHash: string;
  /** The operator's key it was begun with. */
  keyId: string;
  expiresAt: number;
}

/** What is needed to act as an App on its host. Never logged, never answered. */
export interface AppCredentials extends GithubHost {
  appId: number;
  /** PEM, PKCS#1 or PKCS#8. */
  privateKey: string;
  /** One, or two while the secret is being rotated. */
  webhookSecrets: readonly string[];
}

/** What the App may do and is told of: contract of the GitHub App, asked for by the manifest and checked by doctor. */
export const wantedPermissions = {
  checks: 'write',
  metadata: 'read',
  pull_requests: 'read',
  actions: 'read',
  merge_queues: 'read',
} as const satisfies Record<string, 'read' | 'write'>;

/** GitHub sends events of installations unasked. */
export const wantedEvents = [
  'check_run',
  'check_suite',
  'pull_request',
  'workflow_run',
  'merge_group',
  'issue_comment',
] as const;

/** Where GitHub sends events, below a server's public address. */
export const webhookPath = '/webhooks/github';
