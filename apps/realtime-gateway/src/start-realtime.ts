import { Messaging } from '@runcast/agent-commands';
import { EventLog } from '@runcast/event-log';
import { ErasedRunWatch, KeyRing, openDatabase, TenantRedactors } from '@runcast/read-models';
import {
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
import type { Config } from './config.ts';
import { createGateway } from './gateway.ts';

/** Opens what the gateway works with, starts it, and says in which order to stop. */
export async function startRealtime({
  config,
  logger,
  readiness,
  metrics,
}: ServiceContext<Config>): Promise<readonly DrainStep[]> {
  const settings = logSettings(config);
  const logMetrics = new LogMetrics(metrics, config.RUNCAST_SHARDS);
  const postgres = new PostgresMetrics(metrics);
  const { onCommit } = logMetrics;
  const log = await EventLog.connect({ ...settings, clientName: 'realtime-gateway', onCommit });
  logMetrics.watch(log);
  const messaging = await Messaging.connect({ ...settings, clientName: 'realtime-gateway commands' });
  const onError = (error: unknown): void => {
    postgres.fault();
    logger.warn({ err: error }, 'Postgres does not answer, trying again');
  };
  const database = openDatabase({
    databaseUrl: config.DATABASE_URL,
    applicationName: 'runcast realtime-gateway',
    maxConnections: 10,
    onError,
  });
  postgres.watch(database);
  const keys = await KeyRing.start({ databaseUrl: config.DATABASE_URL, onError });
  const redactors = await TenantRedactors.start({ database, onError });
  const erasedRuns = await ErasedRunWatch.start({ database, onError });
  readiness.add('log', () => ({ ready: log.ready() }));
  readiness.add('keys', () => ({ ready: keys.ready }));
  readiness.add('redaction rules', () => ({ ready: redactors.ready }));
  const { app, feeds } = await createGateway({
    config,
    log,
    messaging,
    database,
    lookupKey: lookupIn(keys, await tokenLookup(jwtSettings(config))),
    redactorOf: redactorIn(redactors),
    erasedRuns,
    onRevoked: (listener) => keys.onRevoked(listener),
    logger,
    readiness,
    metrics,
  });
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  logger.info({ url }, 'listening');
  return [
    { name: 'live connections', run: () => feeds.streams.drain(config.RUNCAST_DRAIN_SPREAD_MS, Math.random) },
    { name: 'http', run: () => app.close() },
    { name: 'feeds', run: () => feeds.close() },
    { name: 'messaging', run: () => messaging.close() },
    { name: 'keys', run: () => keys.stop() },
    { name: 'redaction rules', run: () => redactors.stop() },
    { name: 'erased runs', run: () => erasedRuns.stop() },
    { name: 'tables', run: () => database.end() },
    { name: 'log', run: () => log.close() },
  ];
}
