import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { isId } from '@runcast/run-events';
import { createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import type { LookupKey } from './access.ts';
import { Problem } from './problem.ts';
import { SCOPES, type Limits, type Principal } from './principal.ts';

/** Asymmetric only: with a shared-secret algorithm in the list, whoever knows our public key could sign with it. */
export const JWT_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer's public keys are: an http(s) address, or a file that is read at start. */
  readonly jwks: string;
  readonly tenantClaim: string;
  readonly scopesClaim: string;
}

type Keys = Parameters<typeof jwtVerify>[1];

/** How far the issuer's clock and ours may differ. */
const LEEWAY_S = 30;
/** Results that are kept: of good tokens for as long as a key that was withdrawn may go on opening doors. */
const KEPT_GOOD_MS = 60_000;
const KEPT_BAD_MS = 5_000;
const MAX_KEPT = 10_000;

/**
 * Recognises tokens of one issuer. What it found is kept for a while, within a bound: a signature costs a hundred times as
 * much as everything else about a request, and a stranger's bad one must not cost it again and again.
 */
export class JwtVerifier {
  private readonly kept = new Map<string, { readonly principal: Principal | undefined; readonly untilMs: number }>();
  private readonly keys: Keys;
  private readonly settings: JwtSettings;
  private readonly now: () => number;

  constructor(settings: JwtSettings, now: () => number = Date.now) {
    this.settings = settings;
    this.now = now;
    this.keys = keysAt(settings.jwks);
  }

  readonly lookup: LookupKey = (token) => {
    const name = createHash('sha256').update(token).digest('base64');
    const kept = this.kept.get(name);
    if (kept !== undefined && this.now() < kept.untilMs) return kept.principal;
    return this.verify(token).then((principal) => this.keep(name, principal));
  };

  /** @throws {Problem} `unavailable` while the issuer's keys cannot be read: nothing is said about the token */
  private async verify(token: string): Promise<Principal | undefined> {
    const { issuer, audience } = this.settings;
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        algorithms: JWT_ALGORITHMS,
        issuer,
        audience,
        clockTolerance: LEEWAY_S,
        currentDate: new Date(this.now()),
        requiredClaims: ['exp', 'sub'],
      });
      return principalIn(payload, this.settings);
    } catch (error) {
      if (isAboutToken(error)) return undefined;
      throw new Problem('unavailable', {
        detail: 'The keys that tokens are checked with cannot be read right now.',
        retryAfterSeconds: 5,
        cause: error,
      });
    }
  }

  private keep(name: string, principal: Principal | undefined): Principal | undefined {
    const life = principal === undefined ? KEPT_BAD_MS : KEPT_GOOD_MS;
    const untilMs = Math.min(this.now() + life, principal?.expiresAtMs ?? Infinity);
    this.kept.delete(name);
    this.kept.set(name, { principal, untilMs });
    // The oldest goes: whoever sends it again pays for its check once more.
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
    return principal;
  }
}

function keysAt(place: string): Keys {
  if (!/^https?:\/\//.test(place)) return createLocalJWKSet(JSON.parse(readFileSync(place, 'utf8')) as JSONWebKeySet);
  // The address is ours, never the token's (`jku`): a token must not choose whom we ask. Unknown key ids make us look
  // again, at most every 30 s, which is how a new key of the issuer becomes known.
  return createRemoteJWKSet(new URL(place), { timeoutDuration: 3_000, cooldownDuration: 30_000, cacheMaxAge: 600_000 });
}

/** Everything wrong with a token is the same to its sender; a set of keys that cannot be fetched is not about it. */
function isAboutToken(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  const fetched = error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC';
  return error instanceof errors.JOSEError && !fetched;
}

/** `undefined` when a claim is not what it has to be: a limit that cannot be read must not become no limit. */
function principalIn(payload: JWTPayload, settings: JwtSettings): Principal | undefined {
  const tenant = payload[settings.tenantClaim];
  const scopes = scopesIn(payload[settings.scopesClaim]);
  const [agents, sessions] = [payload['agents'], payload['sessions']];
  if (!isId(tenant) || !isId(payload.sub) || !isNames(agents) || !isNames(sessions)) return undefined;
  const limits: Limits = { ...(agents && { agents }), ...(sessions && { sessions }) };
  return {
    tenant,
    keyId: `jwt:${payload.sub}`,
    scopes,
    ...((agents || sessions) && { limits }),
    expiresAtMs: (payload.exp! + LEEWAY_S) * 1_000,
  };
}

/** As OAuth writes them, in one string, or as an array; those that are not ours mean nothing here. */
function scopesIn(claim: unknown): string[] {
  const named = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? (claim as unknown[]) : [];
  return SCOPES.filter((scope) => named.includes(scope));
}

function isNames(claim: unknown): claim is string[] | undefined {
  return claim === undefined || (Array.isArray(claim) && claim.every(isId));
}
