import { createHash, timingSafeEqual } from 'node:crypto';
import type { ByteStream } from '../../contract/route.ts';
import { DomainError } from '../domain/errors.ts';
import { setupPath } from '../domain/github/app-manifest.ts';
import { collect } from './read-body.ts';

const cookieName = 'qgjob_setup';
const cookieSeconds = 3600;
const maxFormBytes = 16 * 1024;

export interface BrowserHeaders {
  cookie?: string | undefined;
  'sec-fetch-site'?: string | undefined;
  'content-type'?: string | undefined;
}

/** What this browser alone has, from its cookie; null when it has none. */
export function browserOf({ cookie = '' }: BrowserHeaders): string | null {
  const values = cookie.split(';').map((pair) => pair.trim());
  const own = values.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
  return own !== undefined && /^[0-9a-f]{32}$/.test(own) ? own : null;
}

/** Out of reach of scripts, and sent along when GitHub sends the browser back, but with no other site's form. */
export function browserCookie(browser: string, publicUrl: string): string {
  const path = new URL(publicUrl).pathname.replace(/\/$/, '') + setupPath;
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  return `${cookieName}=${browser}; Path=${path}; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** What a form of ours carries for a browser. Another site can make that browser send a form, but not know this. */
export function formToken(browser: string): string {
  return createHash('sha256').update(`form of ${browser}`).digest('hex');
}

/**
 * The fields of a form, if it is ours.
 * @throws DomainError `setup_refused` when another site may have sent it, `unsupported_media_type`, `payload_too_large`
 */
export async function readOwnForm(
  headers: BrowserHeaders,
  body: ByteStream,
): Promise<{ browser: string; fields: URLSearchParams }> {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded')
    throw new DomainError('unsupported_media_type', 'Send what the form at /github/setup sends.');
  const fields = new URLSearchParams((await collect(body, maxFormBytes)).toString('utf8'));
  const browser = browserOf(headers);
  const site = headers['sec-fetch-site'] ?? 'same-origin';
  if (browser !== null && site === 'same-origin' && isSame(fields.get('form_token') ?? '', formToken(browser)))
    return { browser, fields };
  throw new DomainError(
    'setup_refused',
    'This form was not sent from the page /github/setup of this browser, or an hour after. Open that page again; cookies must be allowed.',
  );
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
