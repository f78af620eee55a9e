import type { FastifyRequest } from 'fastify';

/** The query with every parameter once; of a repeated one the first counts. */
export function queryOf(request: FastifyRequest): URLSearchParams {
  const mark = request.url.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : request.url.slice(mark + 1));
}

export function lastEventIdOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && header !== '' ? header : undefined;
}
