import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { isJwt, readCredential, type Credential } from './credential.ts';
import type { Principal, Scope } from './principal.ts';
import { Problem } from './problem.ts';

/**
 * Finds whom a key or a token belongs to. Called for every request: it answers at once wherever it can, and throws a
 * Problem when it cannot know.
 */
export type LookupKey = (key: string) => Principal | undefined | Promise<Principal | undefined>;

/** Takes a ticket, which nobody can take again, and says whom it lets in. */
export type RedeemTicket = (ticket: string) => Promise<Principal | undefined>;

/** How callers are recognised. */
export interface Doorkeeper {
  readonly lookupKey: LookupKey;
  /** Left out where nothing can be watched. */
  readonly redeemTicket?: RedeemTicket;
}

/** Keys that are kept in memory and read from somewhere else. */
export interface KeySource {
  /** Whether they have been read at all. */
  readonly ready: boolean;
  lookup(key: string): Principal | undefined;
}

/**
 * Looks keys up, and says 503 while none are known: a 401 would tell every owner of a good key to give up. Tokens are for
 * `tokens`, where there is one.
 */
export function lookupIn(keys: KeySource, tokens?: LookupKey): LookupKey {
  return (key) => {
    if (isJwt(key)) return tokens?.(key);
    if (!keys.ready) throw new Problem('unavailable', { detail: 'API keys are not known yet.', retryAfterSeconds: 2 });
    return keys.lookup(key);
  };
}

/** A route and what it demands, as it is served. */
export interface GuardedRoute {
  readonly method: string;
  readonly url: string;
  readonly access: Scope | 'open';
  readonly keyInQuery: boolean;
  readonly limited: boolean;
}

interface RouteLimits {
  readonly limited?: boolean;
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
    limited?: boolean;
    bodyLimitBytes?: number;
  }
}

/**
 * Says which scope a controller's route requires. `keyInQuery` is for streams that a page opens, which cannot send headers:
 * the credential may stand in the query, and may be a ticket. `limited` says that the
 * route holds every name against the limits of the caller; any other refuses callers that are limited, so that a route
 * which forgets them shows too little, never too much. `bodyLimitBytes` overrides the application's limit.
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

/**
 * Who shows this credential, with the scope. Rejects, or throws at once, with a {@link Problem}: `unauthenticated` for no
 * credential or one that is not good now, `forbidden` for one without the scope.
 */
export function authorise(
  credential: Credential | undefined,
  scope: Scope,
  doorkeeper: Doorkeeper,
): Principal | Promise<Principal> {
  if (credential === undefined) {
    throw unauthenticated('Send the API key as "Authorization: Bearer <key>" or "x-api-key: <key>".', '');
  }
  const found = recognise(credential, doorkeeper);
  const admit = (principal: Principal | undefined): Principal => withScope(credential, principal, scope);
  // A key is found in memory: the path of every event must not pay for a promise that only others need.
  return found instanceof Promise ? found.then(admit) : admit(found);
}

function recognise({ kind, text }: Credential, { lookupKey, redeemTicket }: Doorkeeper) {
  return kind === 'key' ? lookupKey(text) : redeemTicket?.(text);
}

function withScope({ kind }: Credential, principal: Principal | undefined, scope: Scope): Principal {
  if (!principal) throw unauthenticated(UNKNOWN[kind], ', error="invalid_token"');
  if (principal.scopes.includes(scope)) return principal;
  throw new Problem('forbidden', { detail: `The credential lacks the scope "${scope}".` });
}

const UNKNOWN = {
  key: 'The API key or token is unknown, was revoked or has expired.',
  ticket: 'The ticket is unknown, was used or has expired: ask POST /v1/tickets for another.',
};

function unlimitedOnly(): Problem {
  return new Problem('forbidden', {
    detail: 'This address takes no credential that is limited to agents or sessions.',
  });
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
export function guardRoutes(fastify: FastifyInstance, doorkeeper: Doorkeeper): readonly GuardedRoute[] {
  const routes: GuardedRoute[] = [];
  fastify.decorateRequest('principal', null);
  fastify.addHook('onRoute', (route) => {
    applyRouteAccess(route);
    const { access = 'open', keyInQuery = false, limited = false } = route.config ?? {};
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, access, keyInQuery, limited });
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { access, keyInQuery, limited } = request.routeOptions.config;
    if (request.is404 || access === undefined || access === 'open') return done();
    const query = keyInQuery ? (request.query as Record<string, string>) : undefined;
    const found = authorise(readCredential(request.headers, query), access, doorkeeper);
    const enter = (principal: Principal): void => {
      if (principal.limits !== undefined && !limited) return done(unlimitedOnly());
      request.principal = principal;
      done();
    };
    if (found instanceof Promise) found.then(enter, done);
    else enter(found);
  });
  return routes;
}

function applyRouteAccess(route: RouteOptions): void {
  const { access, bodyLimitBytes } = route.config ?? {};
  if (access === undefined)
    throw new Error(`${String(route.method)} ${route.url} declares neither @Requires() nor @Open()`);
  if (bodyLimitBytes !== undefined) route.bodyLimit = bodyLimitBytes;
}
