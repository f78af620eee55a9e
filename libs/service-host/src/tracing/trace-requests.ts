import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { startSpan } from './spans.ts';
import { TRACEPARENT } from './traceparent.ts';

declare module 'fastify' {
  interface FastifyRequest {
    span?: Span;
  }
}

/**
 * A span for each request that changes something, whatever it carries: a batch is one. Reads have none, and streams would have
 * one that lasts for hours.
 */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    if (request.is404 || method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return done();
    const parent = headers[TRACEPARENT];
    request.span = startSpan(`${method} ${routeOptions.url}`, {
      kind: SpanKind.SERVER,
      parent: typeof parent === 'string' ? parent : undefined,
      attributes: { 'http.request.method': method, 'http.route': routeOptions.url ?? '' },
    });
    done();
  });
  // Not before: what is active when the first byte arrives is forgotten while the body is read.
  fastify.addHook('preHandler', (request, _reply, done) => {
    if (request.span === undefined) return done();
    if (request.principal) request.span.setAttribute('runcast.tenant', request.principal.tenant);
    context.with(trace.setSpan(ROOT_CONTEXT, request.span), done);
  });
  fastify.addHook('onResponse', ({ span }, { statusCode }, done) => {
    span?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}
