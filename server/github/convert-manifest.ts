import { read } from './app-requests.ts';
import { GithubError } from './github.ts';
import type { ConvertManifest } from './registration.ts';
import { Conversion } from './shapes.ts';
import { createWire } from './wire.ts';

/** @param options the server's clock, ms; and how long GitHub may take */
export function createConvertManifest(options: { now: () => number; timeoutMs?: number }): ConvertManifest {
  return async (apiUrl, code) => {
    const path = `/app-manifests/${encodeURIComponent(code)}/conversions`;
    const request = { method: 'POST', path, token: null } as const;
    try {
      const { json } = await createWire({ apiUrl, ...options }).send(request);
      const made = read(Conversion, json, request);
      return {
        appId: made.id,
        slug: made.slug,
        name: made.name,
        clientId: made.client_id,
        privateKey: made.pem,
        webhookSecret: made.webhook_secret,
      };
    } catch (error) {
      if (!(error instanceof GithubError)) throw error;
      // without its cause, and without the code: until it is used it is good for a private key
      throw new GithubError(error.message.replaceAll(code, '{code}'), error.status, error.retryAfterMs);
    }
  };
}
