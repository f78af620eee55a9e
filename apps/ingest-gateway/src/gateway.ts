import type { EventLog } from '@runcast/event-log';
import { leaseBudget, type Database } from '@runcast/read-models';
import {
  createHttpApp,
  LeasedBuckets,
  openMaxima,
  OpenLimits,
  openVariables,
  type AnswerMetrics,
  type HttpApp,
  type LookupKey,
  type Logger,
  type LeaseTokens,
  type RateLimits,
  type Readiness,
  type RedactorOf,
} from '@runcast/service-host';
import type { IngestConfig } from './config.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { IngestModule } from './ingest.module.ts';
import { Intake, type IsErased } from './intake.ts';
import { logResults } from './log-results.ts';
import { explainLogError } from './problems.ts';
import { RedactionParts } from './redaction.controller.ts';

type GatewaySettings = Pick<
  IngestConfig,
  'RUNCAST_VERSION' | 'RUNCAST_COMMIT' | 'RUNCAST_AGENT_OS_RATE_PER_MINUTE' | keyof typeof openVariables
>;

type RateSettings = Pick<IngestConfig, 'RUNCAST_KEY_REQUESTS_PER_MINUTE' | 'RUNCAST_TENANT_REQUESTS_PER_MINUTE'>;

export interface GatewayParts {
  readonly config: GatewaySettings;
  readonly log: Pick<EventLog, 'append'>;
  readonly database: Database;
  readonly lookupKey: LookupKey;
  readonly allowedOrigins?: readonly string[];
  /** The tenant's is the one that the NATS intake takes from as well. */
  readonly rates: RateLimits;
  readonly redactorOf: RedactorOf;
  readonly isErased?: IsErased;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly metrics?: IngestMetrics;
  readonly answers?: AnswerMetrics;
}

/** The gateway around a log and a key ring that somebody else opened and closes. */
export function createGateway(parts: GatewayParts): Promise<HttpApp> {
  const { config, log, database, redactorOf, isErased, metrics, ...host } = parts;
  const open = new OpenLimits(openMaxima(config));
  const module = IngestModule.with(
    new Intake(log, redactorOf, metrics, Date.now, isErased, logResults(parts.logger)),
    new LeasedBuckets(config.RUNCAST_AGENT_OS_RATE_PER_MINUTE, leaseFrom(database)),
    new RedactionParts(redactorOf, database),
  );
  return createHttpApp(module, {
    service: 'ingest-gateway',
    version: config.RUNCAST_VERSION,
    commit: config.RUNCAST_COMMIT,
    explain: explainLogError,
    api: async () => (await import('./api-docs.ts')).api,
    open,
    newConnectionsPerSecond: config.RUNCAST_NEW_CONNECTIONS_PER_SECOND,
    ...host,
  });
}

/** What a key and a tenant may send, over HTTP and NATS and on all replicas together. */
export function sharedRates(config: RateSettings, database: Database): RateLimits {
  return {
    perKey: new LeasedBuckets(config.RUNCAST_KEY_REQUESTS_PER_MINUTE, leaseFrom(database)),
    perTenant: new LeasedBuckets(config.RUNCAST_TENANT_REQUESTS_PER_MINUTE, leaseFrom(database)),
  };
}

function leaseFrom(database: Database): LeaseTokens {
  return (request) => leaseBudget(database, request);
}
