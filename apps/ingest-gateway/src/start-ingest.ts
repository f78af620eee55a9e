import { Messaging } from '@runcast/agent-commands';
import { EventLog } from '@runcast/event-log';
import {
  ErasedRunWatch,
  findStoredEvents,
  forgetIdleBudgets,
  KeyRing,
  openDatabase,
  TenantRedactors,
} from '@runcast/read-models';
import {
  allowedOrigins,
  AnswerMetrics,
  jwtSettings,
  LogMetrics,
  logSettings,
  lookupIn,
  PostgresMetrics,
  redactorIn,
  type DrainStep,
  type ServiceContext,
  tokenLookup,
} from '@runcast/service-host';
import { AppendOnce } from './append-once.ts';
import type { IngestConfig } from './config.ts';
import { createGateway, sharedRates } from './gateway.ts';
import { IngestMetrics } from './ingest-metrics.ts';
import { Intake } from './intake.ts';
import { logResults } from './log-results.ts';
import { startNatsIntake } from './nats-intake/nats-intake.ts';

/** How often rate limits of keys that have gone quiet are removed from their table. */
const FORGET_BUDGETS_MS = 3_600_000;

/** Opens everything the gateway needs and listens. Resolves to what has to be closed, in that order. */
export async function startIngest({
  config,
  logger,
  readiness,
  metrics,
}: ServiceContext<IngestConfig>): Promise<DrainStep[]> {
  const settings = logSettings(config);
  const measured = {
    log: new LogMetrics(metrics, config.RUNCAST_SHARDS),
    postgres: new PostgresMetrics(metrics),
    ingest: new IngestMetrics(metrics),
    answers: new AnswerMetrics(metrics),
  };
  const log = await EventLog.connect({ ...settings, clientName: 'ingest-gateway', onCommit: measured.log.onCommit });
  measured.log.watch(log);
  const messaging = await Messaging.connect({ ...settings, clientName: 'ingest-gateway intake' });
  const keys = await KeyRing.start({
    databaseUrl: config.DATABASE_URL,
    onError: (error) => {
      measured.postgres.fault();
      logger.warn({ err: error }, 'API keys could not be refreshed; the last known ones go on');
    },
  });
  const onFault = (error: unknown): void => {
    measured.postgres.fault();
    logger.warn({ err: error }, 'the tables could not be asked for repeated events');
  };
  const database = openDatabase({
    databaseUrl: config.DATABASE_URL,
    applicationName: 'runcast ingest-gateway',
    waitMs: 2_000,
  });
  measured.postgres.watch(database);
  const once = new AppendOnce(log, (tenant, keys) => findStoredEvents(database, tenant, keys), onFault);
  const redactors = await TenantRedactors.start({
    database,
    onError: (error) => {
      measured.postgres.fault();
      logger.warn({ err: error }, 'redaction rules could not be refreshed; the last known ones go on');
    },
  });
  const redactorOf = redactorIn(redactors);
  readiness.add('log', () => ({ ready: log.ready() }));
  readiness.add('keys', () => ({ ready: keys.ready }));
  readiness.add('redaction rules', () => ({ ready: redactors.ready }));
  const { ingest, answers } = measured;
  const erased = await ErasedRunWatch.start({ database, onError: onFault });
  const isErased = (tenant: string, run: string) => erased.has(tenant, run);
  const host = {
    lookupKey: lookupIn(keys, await tokenLookup(jwtSettings(config))),
    allowedOrigins: allowedOrigins(config),
    redactorOf,
    isErased,
    logger,
    readiness,
    metrics: ingest,
    answers,
  };
  const rates = sharedRates(config, database);
  const app = await createGateway({ config, log: once, database, rates, ...host });
  const forgetting = setInterval(() => void forgetIdleBudgets(database).catch(onFault), FORGET_BUDGETS_MS);
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  logger.info({ url }, 'listening');
  const intake = startNatsIntake({
    messaging,
    intake: new Intake(once, redactorOf, ingest, Date.now, isErased, logResults(logger)),
    perTenant: rates.perTenant,
    logger,
    answers,
  });
  await intake.established;
  return [
    { name: 'nats intake', run: () => intake.stop() },
    { name: 'http', run: () => app.close() },
    { name: 'messaging', run: () => messaging.close() },
    { name: 'log', run: () => log.close() },
    { name: 'keys', run: () => keys.stop() },
    { name: 'idle budgets', run: () => clearInterval(forgetting) },
    { name: 'redaction rules', run: () => redactors.stop() },
    { name: 'erased runs', run: () => erased.stop() },
    { name: 'tables', run: () => database.end() },
  ];
}
