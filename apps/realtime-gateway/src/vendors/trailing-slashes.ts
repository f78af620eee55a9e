import type { FastifyInstance } from 'fastify';

/** Addresses that this vendor's clients write with a slash at the end, and its page without. */
const WRITTEN_BOTH_WAYS = ['/v3/inference/chat', '/v3/inference/stream', '/run-dag'];

/** Makes them the same address. Nest drops the slash of a route itself. Has to be called before the routes are made. */
export function takeTrailingSlashes(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (WRITTEN_BOTH_WAYS.includes(route.url)) fastify.route({ ...route, url: `${route.url}/` });
  });
}
