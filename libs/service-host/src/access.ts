import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { readCredential } from './credential.ts';
import { Problem } from './problem.ts';

export const SCOPES = ['ingest', 'read', 'invoke', 'admin'] as const;
/** What a key may do. No scope includes another. */
export type Scope = (typeof SCOPES)[number];

/** Who is asking. The tenant of everything a request touches comes from here, never from the request itself. */
export interface Principal {
  readonly tenant: string;
  readonly keyId: string;
  readonly scopes: readonly string[];
}

/** Finds whom a key belongs to. Called for every request, so it cannot wait; throws a Problem when it cannot know. */
export type LookupKey = (key: string) => Principal | undefined;

/** Keys that are kept in memory and read from somewhere else. */
export interface KeySource {
  /** Whether they have been read at all. */
  readonly ready: boolean;
  lookup(key: string): Principal | undefined;
}

/** Looks keys up, and says 503 while none are known: a 401 would tell every owner of a good key to give up. */
export function lookupIn(keys: KeySource): LookupKey {
  return (key) => {
    if (!keys.ready) throw new Problem('unavailable', { detail: 'API keys are not known yet.', retryAfterSeconds: 2 });
    return keys.lookup(key);
  };
}

interface RouteLimits {
  readonly keyInQuery?: boolean;
  readonly bodyLimitBytes?: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before the handler of every route that requires a scope. */
    principal: Principal | null;
  }
  interface FastifyContextConfig {
    /** `open`: anybody may call it. */
    access?: Scope | 'open';
    keyInQuery?: boolean;
    bodyLimitBytes?: number;
  }
}

/**
 * Says which scope a controller's route requires. `keyInQuery` also takes the key from the query, for clients that cannot
 * send headers. `bodyLimitBytes` overrides the application's limit.
 */
export function Requires(scope: Scope, limits: RouteLimits = {}): MethodDecorator {
  return RouteConfig({ access: scope, ...limits });
}

/** Says that a controller's route needs no key. */
export function Open(): MethodDecorator {
  return RouteConfig({ access: 'open' });
}

/** The caller of a route that requires a scope. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('principalOf() was called on a route without @Requires()');
  return request.principal;
}

/** @throws {Problem} `unauthenticated` for no or an unknown key, `forbidden` for a key without the scope. */
export function authorise(credential: string | undefined, scope: Scope, lookupKey: LookupKey): Principal {
  if (credential === undefined) {
    throw unauthenticated('Send the API key as "Authorization: Bearer <key>" or "x-api-key: <key>".', '');
  }
  const principal = lookupKey(credential);
  if (!principal) throw unauthenticated('The API key is unknown or was revoked.', ', error="invalid_token"');
  if (principal.scopes.includes(scope)) return principal;
  throw new Problem('forbidden', { detail: `The API key lacks the scope "${scope}".` });
}

function unauthenticated(detail: string, challenge: string): Problem {
  return new Problem('unauthenticated', {
    detail,
    headers: { 'www-authenticate': `Bearer realm="runcast"${challenge}` },
  });
}

/**
 * Checks every request before its body is read, so that a stranger cannot make us hold a body.
 *
 * A route that declares neither a scope nor `open` stops the start-up: forgetting it must not mean "anybody".
 */
export function guardRoutes(fastify: FastifyInstance, lookupKey: LookupKey): void {
  fastify.decorateRequest('principal', null);
  fastify.addHook('onRoute', applyRouteAccess);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { access, keyInQuery } = request.routeOptions.config;
    if (request.is404 || access === undefined || access === 'open') return done();
    const query = keyInQuery ? (request.query as Record<string, string>) : undefined;
    request.principal = authorise(readCredential(request.headers, query), access, lookupKey);
    done();
  });
}

function applyRouteAccess(route: RouteOptions): void {
  const { access, bodyLimitBytes } = route.config ?? {};
  if (access === undefined)
    throw new Error(`${String(route.method)} ${route.url} declares neither @Requires() nor @Open()`);
  if (bodyLimitBytes !== undefined) route.bodyLimit = bodyLimitBytes;
}
