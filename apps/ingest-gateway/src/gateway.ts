import type { EventLog } from '@runcast/event-log';
import type { Database } from '@runcast/read-models';
import {
  createHttpApp,
  type AnswerMetrics,
  type HttpApp,
  type LookupKey,
  type Logger,
  type Readiness,
  type RedactorOf,
} from '@runcast/service-host';
import { api } from './api-docs.ts';
import type { IngestConfig } from './config.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { IngestModule } from './ingest.module.ts';
import { Intake } from './intake.ts';
import { explainLogError } from './problems.ts';
import { RedactionParts } from './redaction.controller.ts';
import { TokenBuckets } from './token-buckets.ts';

export interface GatewayParts {
  readonly config: Pick<IngestConfig, 'RUNCAST_VERSION' | 'RUNCAST_COMMIT' | 'RUNCAST_AGENT_OS_RATE_PER_MINUTE'>;
  readonly log: Pick<EventLog, 'append'>;
  readonly database: Database;
  readonly lookupKey: LookupKey;
  readonly allowedOrigins?: readonly string[];
  readonly redactorOf: RedactorOf;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly metrics?: IngestMetrics;
  readonly answers?: AnswerMetrics;
}

/** The gateway around a log and a key ring that somebody else opened and closes. */
export function createGateway({ config, log, database, redactorOf, metrics, ...host }: GatewayParts): Promise<HttpApp> {
  const module = IngestModule.with(
    new Intake(log, redactorOf, metrics),
    new TokenBuckets(config.RUNCAST_AGENT_OS_RATE_PER_MINUTE),
    new RedactionParts(redactorOf, database),
  );
  return createHttpApp(module, {
    service: 'ingest-gateway',
    version: config.RUNCAST_VERSION,
    commit: config.RUNCAST_COMMIT,
    explain: explainLogError,
    api,
    ...host,
  });
}
