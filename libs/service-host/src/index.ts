export {
  authorise,
  lookupIn,
  Open,
  principalOf,
  Requires,
  type Doorkeeper,
  type GuardedRoute,
  type KeySource,
  type LookupKey,
  type RedeemTicket,
} from './access.ts';
export {
  backendVariables,
  configTable,
  loadConfig,
  logSettings,
  openMaxima,
  openVariables,
  ratio,
  secret,
  serviceVariables,
  url,
  urlList,
  wholeNumber,
  type Environment,
  type ServiceConfig,
  accessVariables,
  allowedOrigins,
  jwtSettings,
  withAccessRules,
} from './config/index.ts';
export type { JwtSettings } from './jwt-verifier.ts';
export { requireOrigin } from './origins.ts';
export { readCredential, SOCKET_PROTOCOL, ticketInProtocols, type Credential } from './credential.ts';
export { drain, type DrainReport, type DrainStep } from './drain.ts';
export { ConfigError, type BadVariable } from './errors.ts';
export { Readiness, type CheckResult, type ReadinessCheck, type ReadinessReport } from './health.ts';
export { createHttpApp, type HttpApp, type HttpAppOptions } from './http-app.ts';
export { isWithin, requireWithin, type Names } from './limits.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export type { ApiDescription } from './api-docs/describe-api.ts';
export { documentedRoutes, openApiPath, type RouteDoc, type RouteDocs } from './api-docs/route-doc.ts';
export { LogMetrics } from './metrics/log-metrics.ts';
export {
  BATCH_SIZES,
  LATENCY_SECONDS,
  Metrics,
  shardLabels,
  type ClosedCounter,
  type ClosedHistogram,
} from './metrics/metrics.ts';
export { PostgresMetrics } from './metrics/postgres-metrics.ts';
export { serveMetrics, type MetricsServer } from './metrics/serve-metrics.ts';
export { addServiceMetrics, AnswerMetrics } from './metrics/service-metrics.ts';
export { SCOPES, type Limits, type Principal, type Scope, type TicketBounds } from './principal.ts';
export { PROBLEM_CODES, PROBLEMS, type ProblemCode } from './problem-codes.ts';
export { sendProblem } from './problem-filter.ts';
export { Problem, PROBLEM_CONTENT_TYPE, problemBody, type ProblemFacts } from './problem.ts';
export { redactorIn, type RedactorOf, type RedactorSource } from './redactor-lookup.ts';
export { LeasedBuckets, type Lease, type LeaseRequest, type LeaseTokens, type Taken } from './limits/leased-buckets.ts';
export { OpenLimits, type Caller, type OpenMaxima } from './limits/open-limits.ts';
export { SECURITY_HEADERS, SECURITY_HEADER_LINES } from './security-headers.ts';
export { rateLimited, sayRate, type RateLimits } from './limits/limit-rates.ts';
export { loggable, redactUrl } from './redaction.ts';
export { runService, type ServiceContext, type ServiceDefinition } from './run-service.ts';
export {
  currentTraceparent,
  describeSpan,
  inSpan,
  isTracing,
  SpanKind,
  startSpan,
  traceparentOf,
  type SpanFacts,
} from './tracing/spans.ts';
export { startTracing, type TracingOptions } from './tracing/start-tracing.ts';
export { TRACEPARENT } from './tracing/traceparent.ts';
export { toProblem, type ExplainError } from './to-problem.ts';
export { tokenLookup } from './token-lookup.ts';
