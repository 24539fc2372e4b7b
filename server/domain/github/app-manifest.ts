import { wantedEvents, wantedPermissions, webhookPath } from './app.ts';

export const setupPath = '/github/setup';
export const setupCallbackPath = `${setupPath}/callback`;

/** GitHub takes no longer one. */
const maxNameLength = 34;

/**
 * What GitHub makes an App from: https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 * @param publicUrl where people and GitHub reach this server, without a trailing slash
 * @param hasMergeQueue false for a GitHub Enterprise Server too old to know merge queues: it would refuse the manifest
 */
export function appManifest(publicUrl: string, hasMergeQueue: boolean) {
  const { merge_queues, ...permissions } = wantedPermissions;
  return {
    name: `qgjob ${new URL(publicUrl).hostname}`.slice(0, maxNameLength),
    url: publicUrl,
    hook_attributes: { url: publicUrl + webhookPath, active: true },
    redirect_url: publicUrl + setupCallbackPath,
    description: 'Posts the results of end-to-end tests as check runs.',
    public: false,
    default_permissions: hasMergeQueue ? { ...permissions, merge_queues } : permissions,
    default_events: wantedEvents.filter((event) => hasMergeQueue || event !== 'merge_group'),
  };
}

/** Whether an address can be meant by nobody beyond this machine or its network, as far as the address itself tells. */
export function isPrivateAddress(publicUrl: string): boolean {
  const { hostname } = new URL(publicUrl);
  if (hostname.startsWith('[')) return /^\[(::1|f[cd]..:|fe[89ab].:)/.test(hostname) || hostname === '[::1]';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname))
    return /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(hostname);
  return !hostname.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)$/.test(hostname);
}
