import type { z } from 'zod';
import { createAppJwt } from './app-jwt.ts';
import { GithubError } from './github.ts';
import type { Quiet } from './quiet.ts';
import type { Wire, WireRequest } from './wire.ts';

/** A skew that GitHub would refuse a JWT for. */
const noticeableSkewMs = 20_000;

export type Unsigned = Omit<WireRequest, 'token'>;

/** Requests of the App itself, signed by its key. */
export interface AppRequests {
  /** @throws GithubError; status 0 when the answer is not of the shape */
  send<T>(request: Unsigned, shape: z.ZodType<T>): Promise<T>;
  sendForHeaders<T>(request: Unsigned, shape: z.ZodType<T>): Promise<{ body: T; headers: Headers }>;
  clockSkewMs(): number;
}

export interface AppRequestParts {
  wire: Wire;
  quiet: Quiet;
  appId: number;
  /** PEM. */
  privateKey: string;
  now: () => number;
}

/** @throws Error when the private key is none */
export function createAppRequests({ wire, quiet, appId, privateKey, now }: AppRequestParts): AppRequests {
  const jwt = createAppJwt(appId, privateKey);
  /** Clocks apart are told by the refusal itself: it is asked once more by GitHub's clock. */
  const signed = async (request: Unsigned) => {
    const skewMs = wire.clockSkewMs();
    try {
      return await wire.send({ ...request, token: await jwt(now() + skewMs) });
    } catch (error) {
      const moved = Math.abs(wire.clockSkewMs() - skewMs) >= noticeableSkewMs;
      if (!moved || !(error instanceof GithubError) || error.status !== 401) throw error;
      return wire.send({ ...request, token: await jwt(now() + wire.clockSkewMs()) });
    }
  };
  const sendForHeaders: AppRequests['sendForHeaders'] = async (request, shape) => {
    const { json, headers } = await quiet.keep('app', () => signed(request));
    return { body: read(shape, json, request), headers };
  };
  return {
    clockSkewMs: wire.clockSkewMs,
    sendForHeaders,
    send: async (request, shape) => (await sendForHeaders(request, shape)).body,
  };
}

/** @throws GithubError with status 0: what GitHub did is not known from this */
export function read<T>(shape: z.ZodType<T>, json: unknown, { method, path }: Pick<WireRequest, 'method' | 'path'>): T {
  const { success, data, error } = shape.safeParse(json);
  if (success) return data;
  const fields = [...new Set(error.issues.map((issue) => issue.path.join('.')))].join(', ');
  throw new GithubError(`${method} ${path.replace(/\?.*/, '')}: an answer without ${fields}`, 0);
}

/** For answers that hold nothing of interest, or none. */
export async function nullIfMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GithubError && error.status === 404) return null;
    throw error;
  }
}
