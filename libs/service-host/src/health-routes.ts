import type { FastifyInstance } from 'fastify';
import type { Readiness } from './health.ts';

export interface ServiceIdentity {
  readonly service: string;
  readonly version: string;
  /** The commit it was built from, where that is known. */
  readonly commit?: string | undefined;
  readonly readiness: Readiness;
}

/**
 * `/health/live`: the process can answer (restart it when not). `/health/ready`: traffic may be sent (503 and the
 * dependency that is missing when not). `/version`: what is running.
 */
export function serveHealth(fastify: FastifyInstance, { service, version, commit, readiness }: ServiceIdentity): void {
  const open = { config: { access: 'open' } } as const;
  fastify.get('/health/live', open, () => ({ status: 'live', service }));
  fastify.get('/health/ready', open, (_request, reply) => {
    const report = readiness.report();
    return reply.code(report.status === 'ready' ? 200 : 503).send({ service, ...report });
  });
  fastify.get('/version', open, () => ({ service, version, commit, node: process.version }));
}
