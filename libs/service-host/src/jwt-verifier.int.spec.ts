import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { isJwt } from './credential.ts';
import { JWT_ALGORITHMS, JwtVerifier } from './jwt-verifier.ts';

interface Signer {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

const signers: Signer[] = [];
let published: JWK[] = [];
let fetches = 0;
let away = false;
let server: Server;
let jwks: string;
let verifier: JwtVerifier;
beforeAll(async () => {
  for (const alg of JWT_ALGORITHMS) signers.push({ alg, kid: `kid-${alg}`, ...(await generateKeyPair(alg)) });
  published = await Promise.all(
    signers.map(async ({ alg, kid, publicKey }) => ({ ...(await exportJWK(publicKey)), alg, kid })),
  );
  server = createServer((_request, response) => {
    fetches += 1;
    response
      .writeHead(away ? 500 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
});
afterAll(() => void server.close());
const start = () =>
  new JwtVerifier({ jwks, issuer: 'https://issuer', audience: 'runcast', tenantClaim: 'tenant', scopesClaim: 'scope' });
beforeEach(() => {
  verifier = start();
});

interface Changes {
  readonly claims?: Record<string, unknown>;
  readonly signer?: Signer;
  readonly header?: { alg?: string; kid?: string };
  readonly expires?: string | number;
  readonly issuer?: string;
  readonly audience?: string;
}

function sign({
  claims,
  signer = signers[0]!,
  header,
  expires = '5m',
  issuer,
  audience,
}: Changes = {}): Promise<string> {
  return new SignJWT({ tenant: 'acme', scope: 'read openid', ...claims })
    .setProtectedHeader({ alg: signer.alg, kid: signer.kid, ...header })
    .setSubject('user-1')
    .setIssuer(issuer ?? 'https://issuer')
    .setAudience(audience ?? 'runcast')
    .setExpirationTime(expires)
    .sign(signer.privateKey);
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = { tenant: 'acme', scope: 'read', sub: 'u', iss: 'https://issuer', aud: 'runcast', exp: 4_000_000_000 };

describe('A token', () => {
  it.each(JWT_ALGORITHMS)('that is signed with %s says whose it is, what it may and until when', async (alg) => {
    const token = await sign({ signer: signers.find((signer) => signer.alg === alg)! });
    expect(await verifier.lookup(token)).toEqual({
      tenant: 'acme',
      keyId: 'jwt:user-1',
      scopes: ['read'],
      expiresAtMs: expect.any(Number),
    });
  });

  it('may hold its scopes as a list, and limits', async () => {
    const token = await sign({ claims: { scope: ['ingest', 'root'], agents: ['a'], sessions: ['s'] } });
    const limits = { agents: ['a'], sessions: ['s'] };
    expect(await verifier.lookup(token)).toMatchObject({ scopes: ['ingest'], limits });
  });

  it.each([
    ['has expired', () => sign({ expires: Math.floor(Date.now() / 1000) - 60 })],
    ['is for another audience', () => sign({ audience: 'somebody-else' })],
    ['is of another issuer', () => sign({ issuer: 'https://evil' })],
    ['names no tenant', () => sign({ claims: { tenant: undefined } })],
    ['names a tenant that is no id', () => sign({ claims: { tenant: ['acme'] } })],
    ['has limits that cannot be read', () => sign({ claims: { agents: 'all' } })],
    ['has a foreign key id', () => sign({ header: { kid: 'foreign' } })],
    [
      'is signed by a stranger under a known key id',
      async () => sign({ signer: { ...signers[0]!, privateKey: (await generateKeyPair('RS256')).privateKey } }),
    ],
    ['is not signed (alg none)', () => Promise.resolve(`${encode({ alg: 'none' })}.${encode(CLAIMS)}.`)],
    [
      'is signed with the public key as a secret (HS256)',
      async () => {
        const text = `${encode({ alg: 'HS256', kid: 'kid-RS256' })}.${encode(CLAIMS)}`;
        const secret = await exportSPKI(signers[0]!.publicKey);
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      },
    ],
    [
      'says where its own key is (jku)',
      () => Promise.resolve(`${encode({ alg: 'RS256', jku: 'http://127.0.0.1:1/' })}.${encode(CLAIMS)}.AA`),
    ],
    ['is no token', () => Promise.resolve('a.b.c')],
    ['was altered', async () => (await sign()).replace(/\.[^.]+\./, `.${encode({ ...CLAIMS, tenant: 'rival' })}.`)],
  ])('is refused when it %s', async (_why, make) => {
    const token = await make();
    expect(isJwt(token)).toBe(true);
    expect(await verifier.lookup(token)).toBeUndefined();
  });

  it('is good to the end of its time and no longer, also when it was seen before', async () => {
    let now = Date.now();
    const settings = {
      jwks,
      issuer: 'https://issuer',
      audience: 'runcast',
      tenantClaim: 'tenant',
      scopesClaim: 'scope',
    };
    const watched = new JwtVerifier(settings, () => now);
    const token = await sign({ expires: Math.floor(now / 1000) + 10 });
    const found = await watched.lookup(token);
    expect(found).toBeDefined();
    now = found!.expiresAtMs! - 1;
    expect(await watched.lookup(token)).toBeDefined();
    now += 1_001;
    expect(await watched.lookup(token)).toBeUndefined();
  });

  it('that was checked before is not checked again, good or bad', async () => {
    const good = await sign();
    await verifier.lookup(good);
    await verifier.lookup('a.b.c');
    // No promise: it was found at once.
    expect(verifier.lookup(good)).not.toBeInstanceOf(Promise);
    expect(verifier.lookup('a.b.c')).toBeUndefined();
  });

  it('of an unknown key makes us look for new keys at most once in a while', async () => {
    await verifier.lookup(await sign());
    const before = fetches;
    for (let n = 0; n < 5; n += 1) await verifier.lookup(await sign({ header: { kid: `unknown-${n}` } }));
    expect(fetches - before).toBeLessThanOrEqual(1);
  });

  it('is neither good nor bad while the keys cannot be read', async () => {
    away = true;
    try {
      await expect(start().lookup(await sign())).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      away = false;
    }
  });
});
