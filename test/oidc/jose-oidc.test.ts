import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOidc } from '../../server/oidc/jose-oidc.ts';
import { type IssuerOptions, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts';

const audience = 'https://qgjob.example.com';
const jwks = '/.well-known/jwks';
const seconds = () => Math.floor(Date.now() / 1000);

async function open(options: IssuerOptions = {}) {
  const issuer = await startOidcIssuer(options);
  onTestFinished(() => issuer.stop());
  return { issuer, oidc: createOidc({ audience, issuers: [issuer.issuer] }) };
}

const unauthenticated = { code: 'unauthenticated' };
const timesAsked = ({ requests }: OidcIssuer, path: string) => requests.filter((asked) => asked.endsWith(path)).length;

/** A token as the issuer would sign it, with another key, header or algorithm. */
async function forge(issuer: OidcIssuer, { kid, iss = issuer.issuer }: { kid?: string; iss?: string } = {}) {
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT({ ...issuer.claims, iss, aud: audience, jti: 'forged' })
    .setProtectedHeader({ alg: 'RS256', ...(kid === undefined ? {} : { kid }) })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey);
}

describe('a token of GitHub Actions', () => {
  test.each([
    ['github.com', {}],
    ['an enterprise with an issuer of its own', { path: '/slug' }],
    ['GitHub Enterprise Server', { path: '/_services/token' }],
    ['a repository whose sub has ids', { subject: 'ids' }],
    ['an organisation that chose its own sub', { subject: 'custom' }],
  ] satisfies [string, IssuerOptions][])('of %s is read, its numbers as numbers', async (_, options) => {
    const { issuer, oidc } = await open(options);
    const token = await oidc.verify(await issuer.token(audience, { jti: 'one', environment: 'lab' }));
    expect(token.jti).toBe('one');
    expect(token.claims).toEqual({
      issuer: issuer.issuer,
      repository: 'acme/shop',
      repositoryId: 1001,
      repositoryOwnerId: 2002,
      ref: 'refs/pull/7/merge',
      environment: 'lab',
      eventName: 'pull_request',
      jobWorkflowRef: 'acme/shop/.github/workflows/e2e.yml@refs/pull/7/merge',
      runId: 4004,
      runAttempt: 1,
    });
  });

  test('may be up to a minute too early or too late, and is remembered until nobody takes it', async () => {
    const { issuer, oidc } = await open();
    const exp = seconds() - 30;
    const { deadAt } = await oidc.verify(await issuer.token(audience, { exp }));
    expect(deadAt).toBe((exp + 60) * 1000);
    await oidc.verify(await issuer.token(audience, { nbf: seconds() + 30, iat: seconds() + 30 }));
  });
});

describe('refused is a token', () => {
  const claims = (overrides: Record<string, unknown>) => (issuer: OidcIssuer) => issuer.token(audience, overrides);
  const wrong: [string, (issuer: OidcIssuer) => Promise<string>, RegExp][] = [
    [
      'for another server',
      (issuer) => issuer.token('https://other.example.com'),
      /for another audience.*qgjob\.example/,
    ],
    ["for GitHub's default audience", (issuer) => issuer.token('https://github.com/acme'), /another audience/],
    ['without an audience', claims({ aud: undefined }), /another audience/],
    [
      'of an issuer that differs by a slash',
      (issuer) => issuer.token(audience, { iss: `${issuer.issuer}/` }),
      /takes no tokens of/,
    ],
    ['that names no issuer', claims({ iss: undefined }), /takes no tokens of/],
    ['that has expired', claims({ exp: seconds() - 90 }), /has expired/],
    ['that is valid only later', claims({ nbf: seconds() + 90 }), /claim nbf/],
    ['that comes from the future', claims({ iat: seconds() + 90 }), /claim iat/],
    ['that is an hour old, whenever it expires', claims({ iat: seconds() - 4000, exp: seconds() + 4000 }), /expired/],
    ['that never expires', claims({ exp: undefined }), /claim exp/],
    ['without an issue time', claims({ iat: undefined }), /claim iat/],
    ['without an id', claims({ jti: undefined }), /claim jti/],
    ['without the id of a repository', claims({ repository_id: undefined }), /claims repository_id/],
    ['whose repository id is no number', claims({ repository_id: '1e3' }), /claims repository_id/],
    ['whose repository is no name', claims({ repository: 'a/b\u001b[31m' }), /claims repository/],
    ['that is no token', async () => 'qgj_no.token.at-all', /no token of GitHub Actions/],
    ['signed with another key under the right name', (issuer) => forge(issuer, { kid: issuer.key.jwk.kid }), /signed/],
    ['signed with an unknown key', (issuer) => forge(issuer, { kid: 'unknown' }), /signed/],
    ['signed with an unnamed key', (issuer) => forge(issuer), /signed/],
    [
      'without a signature',
      async ({ issuer }) => new UnsecuredJWT({ iss: issuer, aud: audience, jti: 'x' }).setExpirationTime('5m').encode(),
      /signed/,
    ],
    [
      'signed with the public key as a shared secret',
      ({ issuer, key }) =>
        new SignJWT({ iss: issuer, aud: audience, jti: 'x' })
          .setProtectedHeader({ alg: 'HS256', kid: key.jwk.kid })
          .setIssuedAt()
          .setExpirationTime('5m')
          .sign(new TextEncoder().encode(JSON.stringify(key.jwk))),
      /signed/,
    ],
    [
      'whose claims were changed after it was signed',
      async (issuer) => {
        const [header, , signature] = (await issuer.token(audience)).split('.');
        const [, payload] = (await issuer.token(audience, { repository_id: '1' })).split('.');
        return [header, payload, signature].join('.');
      },
      /signed/,
    ],
  ];

  test.each(wrong)('%s', async (_, make, message) => {
    const { issuer, oidc } = await open();
    const refused = oidc.verify(await make(issuer));
    await expect(refused).rejects.toMatchObject(unauthenticated);
    await expect(refused).rejects.toThrow(message);
  });
});

describe('keys', () => {
  test('are never asked of an issuer that is not listed', async () => {
    const { oidc } = await open();
    const stranger = await startOidcIssuer();
    onTestFinished(() => stranger.stop());
    await expect(oidc.verify(await stranger.token(audience))).rejects.toMatchObject(unauthenticated);
    expect(stranger.requests).toEqual([]);
  });

  test('are fetched once for many tokens', async () => {
    const { issuer, oidc } = await open();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token(audience)));
    await Promise.all(tokens.map((token) => oidc.verify(token)));
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', jwks]);
  });

  test('that rotate are found, and the old ones good no more', async () => {
    const { issuer } = await open();
    const oidc = createOidc({ audience, issuers: [issuer.issuer], cooldownMs: 0 });
    const old = await issuer.token(audience);
    await oidc.verify(old);
    await issuer.rotateKey();
    await oidc.verify(await issuer.token(audience));
    await expect(oidc.verify(old)).rejects.toMatchObject(unauthenticated);
  });

  test('with made-up names do not hammer the issuer', async () => {
    const { issuer, oidc } = await open();
    const forged = await Promise.all(Array.from({ length: 30 }, (_, i) => forge(issuer, { kid: `made-up-${i}` })));
    for (const token of forged) await expect(oidc.verify(token)).rejects.toMatchObject(unauthenticated);
    expect(timesAsked(issuer, jwks)).toBe(1);
  });

  test("are taken only of a discovery document that is the issuer's own, and only encrypted", async () => {
    const { issuer, oidc } = await open();
    const { discovery } = issuer;
    const token = await issuer.token(audience);
    issuer.discovery = { ...discovery, issuer: 'https://other.example.com' };
    await expect(oidc.verify(token)).rejects.toMatchObject({ code: 'issuer_unavailable' });
    const stranger = await startOidcIssuer();
    onTestFinished(() => stranger.stop());
    issuer.discovery = { ...discovery, jwks_uri: stranger.issuer + jwks };
    await expect(oidc.verify(token)).rejects.toMatchObject({ code: 'issuer_unavailable' });
    expect([issuer, stranger].map((each) => timesAsked(each, jwks))).toEqual([0, 0]);
    issuer.discovery = discovery;
    await oidc.verify(token);
  });

  test('that cannot be had are no fault of the token, which is good again when they can', async () => {
    const { issuer, oidc } = await open();
    const token = await issuer.token(audience);
    issuer.answers = 'with 500';
    await expect(oidc.verify(token)).rejects.toMatchObject({ code: 'issuer_unavailable' });
    issuer.answers = 'normally';
    await oidc.verify(token);
  });

  test('of an issuer that never answers are waited for less than 5 s', async () => {
    const { issuer, oidc } = await open();
    issuer.answers = 'never';
    const since = performance.now();
    await expect(oidc.verify(await issuer.token(audience))).rejects.toMatchObject({ code: 'issuer_unavailable' });
    expect(performance.now() - since).toBeLessThan(5_000);
  });

  test('of an issuer that is gone are told as such at once', async () => {
    const { issuer, oidc } = await open();
    const token = await issuer.token(audience);
    await issuer.stop();
    await expect(oidc.verify(token)).rejects.toMatchObject({ code: 'issuer_unavailable' });
  });
});
