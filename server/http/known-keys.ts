import { authenticate, touchKey } from '../usecases/authenticate.ts';
import type { Deps } from '../usecases/deps.ts';
import type { OpenRequests } from './open-requests.ts';

/** With the check of what waits every 2 s and the look-up itself, a revocation acts within 5 s. */
const trustMs = 4_000;
const checkEveryMs = 2_000;
const touchEveryMs = 60_000;
/** Bounds the memory that requests with made-up keys can take. */
const maxKnown = 10_000;

type KnownKey = Awaited<ReturnType<typeof authenticate>>;

/** Keys that were looked up a moment ago. */
export interface KnownKeys {
  /** Who a key stands for; null when it is unknown, revoked or expired. */
  find(keyText: string): Promise<KnownKey>;
  stop(): void;
}

interface Known {
  found: Promise<KnownKey>;
  lookedUpAt: number;
}

/** Keys looked up in the store at most every 4 s each, and a timer that ends what waits under a key refused since. */
export function createKnownKeys(deps: Deps, open: OpenRequests, onError: (error: unknown) => void): KnownKeys {
  const known = new Map<string, Known>();
  const touched = new Map<string, number>();

  function lookUp(keyText: string): Known {
    const entry = { found: authenticate(deps, keyText), lookedUpAt: deps.now() };
    known.delete(keyText);
    known.set(keyText, entry);
    for (const oldest of known.keys()) {
      if (known.size <= maxKnown) break;
      known.delete(oldest);
    }
    // a failed look-up is no answer to remember
    entry.found.catch(() => known.get(keyText) === entry && known.delete(keyText));
    return entry;
  }

  function isFresh({ lookedUpAt }: Known): boolean {
    const ageMs = deps.now() - lookedUpAt;
    return ageMs >= 0 && ageMs < trustMs;
  }

  function touch(keyId: string): void {
    const now = deps.now();
    if (now - (touched.get(keyId) ?? 0) < touchEveryMs) return;
    touched.set(keyId, now);
    touchKey(deps, keyId).catch(onError);
  }

  async function find(keyText: string): Promise<KnownKey> {
    const entry = known.get(keyText);
    const found = await (entry && isFresh(entry) ? entry : lookUp(keyText)).found;
    if (!found || (found.expiresAt !== null && found.expiresAt <= deps.now())) return null;
    touch(found.caller.keyId);
    return found;
  }

  async function endRefused(): Promise<void> {
    for (const keyText of open.keys()) {
      lookUp(keyText);
      if ((await find(keyText)) === null) open.refuse(keyText);
    }
  }

  const timer = setInterval(() => endRefused().catch(onError), checkEveryMs);
  return { find, stop: () => clearInterval(timer) };
}
