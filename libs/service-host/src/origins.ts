import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Whether the text is an origin as browsers write it: scheme, host, and a port where it is not the usual one. */
export function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

interface Asking {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/**
 * Whether a page of this origin may call. Without an origin it is no page that calls. Its own origin is told by the host
 * alone, since who ends the TLS before us leaves no trace of the scheme. `null`, which sandboxed pages and files send, is
 * nobody's.
 */
export function mayCall({ origin, host }: Asking, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  return isOrigin(origin) && new URL(origin).host === host;
}

/** @throws {Problem} `forbidden`. For upgrades: a browser connects WebSockets to anywhere, from any page. */
export function requireOrigin(asking: Asking, allowed: readonly string[]): void {
  if (mayCall(asking, allowed)) return;
  throw new Problem('forbidden', { detail: 'Pages of this origin may not call: see RUNCAST_ALLOWED_ORIGINS.' });
}

const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const TAKEN = 'authorization, x-api-key, content-type, idempotency-key, last-event-id, request-timeout';
const SHOWN = 'x-request-id, x-session-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset';
const PREFLIGHT_S = '600';

/**
 * CORS. Never with credentials: nothing here is opened by a cookie, so no page needs to send one, and none that is sent
 * means anything.
 */
export function answerOrigins(fastify: FastifyInstance, allowed: readonly string[]): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { origin, host } = request.headers;
    if (origin === undefined) return done();
    const may = mayCall({ origin, host }, allowed);
    // On the raw response, because streams are written there: the reply's own headers would never be sent. Not for requests of
    // programs, since Node then checks every header twice.
    reply.raw.setHeader('vary', 'origin');
    if (may) reply.raw.setHeader('access-control-allow-origin', origin);
    if (may) reply.raw.setHeader('access-control-expose-headers', SHOWN);
    if (isPreflight(request)) return may ? void answerPreflight(reply) : done(refused());
    done();
  });
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function answerPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .headers({
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': TAKEN,
      'access-control-max-age': PREFLIGHT_S,
    })
    .send();
}

function refused(): Problem {
  return new Problem('forbidden', { detail: 'Pages of this origin may not call: see RUNCAST_ALLOWED_ORIGINS.' });
}
