import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Who issues JWTs that a service is told to trust. Another one signs with another key, under the same names. */
export interface TokenIssuer {
  /** What a service is told of it. */
  readonly settings: {
    /** The file that holds its public key. */
    readonly jwks: string;
    readonly issuer: string;
    readonly audience: string;
    readonly tenantClaim: string;
    readonly scopesClaim: string;
  };
  /**
   * A token of tenant acme with every scope, where the claims say nothing else.
   *
   * @param seconds how long until it ends, to the whole second; negative when it has ended
   */
  token(seconds: number, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Deletes the file. */
  close(): void;
}

const ALG = 'ES256';
const KID = 'k';
const CLAIMS = { iss: 'i', aud: 'a', sub: 'u', tenant: 'acme', scope: 'ingest read invoke admin' };

export async function tokenIssuer(): Promise<TokenIssuer> {
  const { privateKey, publicKey } = await generateKeyPair(ALG);
  const folder = mkdtempSync(join(tmpdir(), 'runcast-jwks-'));
  const jwks = join(folder, 'jwks.json');
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: KID, alg: ALG }] }));
  return {
    settings: { jwks, issuer: CLAIMS.iss, audience: CLAIMS.aud, tenantClaim: 'tenant', scopesClaim: 'scope' },
    token: (seconds, claims = {}) =>
      new SignJWT({ ...CLAIMS, ...claims })
        .setProtectedHeader({ alg: ALG, kid: KID })
        .setExpirationTime(Math.floor(Date.now() / 1_000) + seconds)
        .sign(privateKey),
    close: () => rmSync(folder, { recursive: true }),
  };
}
