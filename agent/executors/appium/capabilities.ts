import { z } from 'zod';
import type { Reset } from '../../../contract/words.ts';

/** What a device name begins with that names the job a session is for: the one thing every runner hands on as it is. */
const tokenPrefix = 'qgjob:';

/** A session nobody uses is closed by Appium after this: what is left of a killed agent. */
const newCommandTimeoutSeconds = 300;

const Capabilities = z.record(z.string(), z.unknown());
const NewSession = z.looseObject({
  capabilities: z.looseObject({
    alwaysMatch: Capabilities.optional(),
    firstMatch: z.array(Capabilities).optional(),
  }),
});
export type NewSession = z.infer<typeof NewSession>;

/** The device name that makes a session this job's. */
export function deviceNameFor(token: string): string {
  return tokenPrefix + token;
}

/** A new-session request by the W3C's rules; null where it is none. */
export function parseNewSession(body: string): NewSession | null {
  try {
    return NewSession.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}

/** The token of the job that asks; null where the request names none. */
export function tokenOf({ capabilities }: NewSession): string | null {
  const name = [capabilities.alwaysMatch, ...(capabilities.firstMatch ?? [])]
    .map((set) => set?.['appium:deviceName'] ?? set?.deviceName)
    .find((value) => value !== undefined && value !== null);
  return typeof name === 'string' && name.startsWith(tokenPrefix) ? name.slice(tokenPrefix.length) : null;
}

export interface SessionPolicy {
  serial: string;
  /** Where the driver reaches its server on the device: one port per device. */
  systemPort: number;
  reset: Reset;
}

/**
 * The request as Appium gets it: on the job's device, and without an app, since the agent has installed that. Without
 * `noReset` the driver clears the app's data (`pm clear`) before the session and installs nothing; a reinstall is the
 * agent's own work too, so that it is done by content and told.
 */
export function applyPolicy(request: NewSession, policy: SessionPolicy): NewSession {
  const ours = {
    'appium:udid': policy.serial,
    'appium:systemPort': policy.systemPort,
    'appium:fullReset': false,
    'appium:noReset': policy.reset === 'none',
    'appium:newCommandTimeout': newCommandTimeoutSeconds,
  };
  const replaced = new Set(
    ['app', 'otherApps', 'enforceAppInstall', 'deviceName', ...Object.keys(ours).map(unprefixed)].flatMap((name) => [
      name,
      `appium:${name}`,
    ]),
  );
  const kept = (set: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(set).filter(([name, value]) => !replaced.has(name) && value !== null));
  const { alwaysMatch = {}, firstMatch } = request.capabilities;
  return {
    capabilities: {
      alwaysMatch: { ...kept(alwaysMatch), ...ours },
      ...(firstMatch ? { firstMatch: firstMatch.map(kept) } : {}),
    },
  };
}

function unprefixed(name: string): string {
  return name.slice('appium:'.length);
}
