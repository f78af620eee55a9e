import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { guardRoutes, type GuardedRoute, type LookupKey, type RedeemTicket } from './access.ts';
import type { ApiDescription } from './api-docs/describe-api.ts';
import { serveApiDocs } from './api-docs/serve-api-docs.ts';
import { takeBodiesAsText } from './body-text.ts';
import { answerClientError } from './client-error.ts';
import { serveHealth } from './health-routes.ts';
import type { Readiness } from './health.ts';
import { answerOrigins } from './origins.ts';
import { guardEdge } from './http-edge.ts';
import { limitRates, type RateLimits } from './limits/limit-rates.ts';
import { limitNewConnections, limitOpen, type OpenLimits } from './limits/open-limits.ts';
import { nestLogger, type Logger } from './logger.ts';
import { AnswerMetrics } from './metrics/service-metrics.ts';
import { Metrics } from './metrics/metrics.ts';
import { ProblemFilter } from './problem-filter.ts';
import { isTracing } from './tracing/spans.ts';
import { traceRequests } from './tracing/trace-requests.ts';
import { UnusedConnections } from './unused-connections.ts';
import type { ExplainError } from './to-problem.ts';

export interface HttpAppOptions {
  readonly service: string;
  readonly version: string;
  /** The commit it was built from, where that is known. */
  readonly commit?: string | undefined;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Where answers are counted. */
  readonly answers?: AnswerMetrics;
  /** Loads what OpenAPI says of the routes, served at /docs; without it there is no such address. */
  readonly api?: () => Promise<ApiDescription>;
  /** Needed as soon as a route requires a scope. */
  readonly lookupKey?: LookupKey;
  /** Origins of other pages that may call from a browser. None unless told. */
  readonly allowedOrigins?: readonly string[];
  /** Needed where routes take tickets. */
  readonly redeemTicket?: RedeemTicket;
  /** How often keys and tenants may ask; without it as often as they like. */
  readonly rates?: RateLimits;
  /** How much may be open at a time. */
  readonly open?: OpenLimits;
  /** How many connections one address may open a second; 0 or absent for any number. */
  readonly newConnectionsPerSecond?: number;
  /** The app's own errors; see {@link ExplainError}. */
  readonly explain?: ExplainError;
  /** The largest body, unless a route says otherwise. Default 64 KiB. */
  readonly bodyLimitBytes?: number;
  /** How long a request may take to arrive, headers and body together (milliseconds). Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** How long a connection may be silent, also while an answer is streamed (milliseconds). Default 60,000. */
  readonly idleTimeoutMs?: number;
}

/** Nest's module parameter, as NestFactory takes it. */
type AppModule = Parameters<typeof NestFactory.create>[0];

/** A Nest application on Fastify that answers every input with what it asked for or with problem details. */
export interface HttpApp {
  readonly nest: NestFastifyApplication;
  /** Every route there is, and who may call it. */
  readonly routes: readonly GuardedRoute[];
  /** Starts to listen. Resolves to the base URL. */
  listen(address: { host: string; port: number }): Promise<string>;
  /** Stops to listen, then resolves when every request under way has been answered. */
  close(): Promise<void>;
}

export async function createHttpApp(module: AppModule, options: HttpAppOptions): Promise<HttpApp> {
  const answers = options.answers ?? new AnswerMetrics(new Metrics());
  const filter = new ProblemFilter(options.logger, answers, options.explain);
  const adapter = new FastifyAdapter(fastifyOptions(options, filter));
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.addHook('onResponse', ({ method }, { statusCode }, done) => {
    answers.answered(method, statusCode);
    done();
  });
  if (isTracing()) traceRequests(fastify);
  answerOrigins(fastify, options.allowedOrigins ?? []);
  guardEdge(fastify, options.readiness);
  const routes = guardRoutes(fastify, { lookupKey: refuseToLookup, ...options });
  if (options.open) limitOpen(fastify, options.open);
  if (options.rates) limitRates(fastify, options.rates);
  takeBodiesAsText(fastify);
  serveHealth(fastify, options);
  const nest = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(options.logger),
  });
  nest.useGlobalFilters(filter);
  const { api, version } = options;
  if (api) serveApiDocs(fastify, () => describe(nest, api, routes, version));
  limitNewConnections(fastify.server, options.newConnectionsPerSecond ?? 0);
  const unused = new UnusedConnections(fastify.server);
  await nest.init();
  await fastify.ready();
  return {
    nest,
    routes,
    listen: ({ host, port }) => fastify.listen({ host, port }),
    close: () => closeGracefully(nest, fastify, unused),
  };
}

function fastifyOptions(options: HttpAppOptions, filter: ProblemFilter) {
  const requestTimeout = options.requestTimeoutMs ?? 30_000;
  return {
    bodyLimit: options.bodyLimitBytes ?? 64 * 1024,
    // Ids of 128 bytes, each written as %XX.
    routerOptions: { maxParamLength: 512 },
    // Routes check what they are sent themselves. Fastify's own way is hundreds of modules, loaded whether used or not.
    schemaController: { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } },
    // Middleware is not used; its hook would run for every request.
    skipMiddie: true,
    logger: false,
    // Ids of requests are ours: one that came from outside could be chosen to be confused with another.
    requestIdHeader: false as const,
    genReqId: () => flat(randomUUID()),
    requestTimeout,
    connectionTimeout: options.idleTimeoutMs ?? 60_000,
    // Longer than load balancers keep theirs (60 s), so that they never write into a connection just closed by us.
    keepAliveTimeout: 72_000,
    // Node looks for overdue requests only this often.
    http: {
      connectionsCheckingInterval: Math.min(1_000, requestTimeout),
      headersTimeout: Math.min(10_000, requestTimeout),
    },
    // What arrives on an open connection while we close is still answered; it was told to leave.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply),
  };
}

/** Loads Swagger, a quarter of all modules that a gateway would have, when somebody asks for the document. */
async function describe(
  nest: NestFastifyApplication,
  api: () => Promise<ApiDescription>,
  routes: readonly GuardedRoute[],
  version: string,
): Promise<object> {
  const { describeApi } = await import('./api-docs/describe-api.ts');
  return describeApi(nest, await api(), routes, version);
}

/** The same in one piece. Node puts an id together from twenty, which a stream would keep for as long as it is open. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function refuseSchemas(): never {
  throw new Error('a route has a schema of Fastify; bodies and queries are read with zod');
}

function refuseToLookup(): never {
  throw new Error('createHttpApp() was called without lookupKey, but a route requires a scope');
}

async function closeGracefully(
  nest: NestFastifyApplication,
  fastify: FastifyInstance,
  unused: UnusedConnections,
): Promise<void> {
  // A connection whose last request was under way when closing began turns idle later, and nobody else looks again.
  const sweep = setInterval(() => {
    fastify.server.closeIdleConnections();
    unused.close();
  }, 50);
  try {
    await nest.close();
  } finally {
    clearInterval(sweep);
  }
}
