import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Readiness } from './health.ts';
import { Problem } from './problem.ts';
import { allowedMethods, type RouteEntry } from './route-table.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** What happens to every request before its route: labelled, turned away when it can have no route, never decompressed. */
export function guardEdge(fastify: FastifyInstance, readiness: Readiness): void {
  const routes = collectRoutes(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    // A client that keeps its connection through a shutdown would meet a reset; told in time, it opens a new one elsewhere.
    if (readiness.draining) reply.header('connection', 'close');
    if (request.is404) return answerUnrouted(routes, request, reply);
    refuseCompressed(request);
    done();
  });
}

function collectRoutes(fastify: FastifyInstance): RouteEntry[] {
  const routes: RouteEntry[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) routes.push({ method: name, pattern: url });
  });
  return routes;
}

/** @throws {Problem} `not_found` or `method_not_allowed`; answers OPTIONS itself. */
function answerUnrouted(routes: readonly RouteEntry[], request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?', 1)[0]!;
  const methods = allowedMethods(routes, path);
  if (methods.length === 0) throw new Problem('not_found', { detail: 'This address does not exist.' });
  const allow = [...methods, 'OPTIONS'].join(', ');
  if (request.method !== 'OPTIONS') {
    throw new Problem('method_not_allowed', { detail: `This address takes ${allow}.`, headers: { allow } });
  }
  void reply.code(204).header('allow', allow).send();
}

/** A few compressed kilobytes can unpack to gigabytes; nothing here needs them. */
function refuseCompressed(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new Problem('unsupported_media_type', {
    detail: 'Send the body without Content-Encoding.',
    headers: { 'accept-encoding': 'identity' },
  });
}
