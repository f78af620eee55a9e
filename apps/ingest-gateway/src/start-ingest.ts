import { Messaging } from '@runcast/agent-commands';
import { EventLog } from '@runcast/event-log';
import { findStoredEvents, KeyRing, openDatabase } from '@runcast/read-models';
import { logSettings, lookupIn, type DrainStep, type ServiceContext } from '@runcast/service-host';
import { AppendOnce } from './append-once.ts';
import type { IngestConfig } from './config.ts';
import { createGateway } from './gateway.ts';
import { Intake } from './intake.ts';
import { startNatsIntake } from './nats-intake/nats-intake.ts';

/** Opens everything the gateway needs and listens. Resolves to what has to be closed, in that order. */
export async function startIngest({ config, logger, readiness }: ServiceContext<IngestConfig>): Promise<DrainStep[]> {
  const settings = logSettings(config);
  const log = await EventLog.connect({ ...settings, clientName: 'ingest-gateway' });
  const messaging = await Messaging.connect({ ...settings, clientName: 'ingest-gateway intake' });
  const keys = await KeyRing.start({
    databaseUrl: config.DATABASE_URL,
    onError: (error) => logger.warn({ err: error }, 'API keys could not be refreshed; the last known ones go on'),
  });
  const onFault = (error: unknown): void =>
    logger.warn({ err: error }, 'the tables could not be asked for repeated events');
  const database = openDatabase({
    databaseUrl: config.DATABASE_URL,
    applicationName: 'runcast ingest-gateway',
    waitMs: 2_000,
  });
  const once = new AppendOnce(log, (tenant, keys) => findStoredEvents(database, tenant, keys), onFault);
  readiness.add('log', () => ({ ready: log.ready() }));
  readiness.add('keys', () => ({ ready: keys.ready }));
  const app = await createGateway({ config, log: once, lookupKey: lookupIn(keys), logger, readiness });
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  logger.info({ url }, 'listening');
  const intake = startNatsIntake({ messaging, intake: new Intake(once), logger });
  await intake.established;
  return [
    { name: 'nats intake', run: () => intake.stop() },
    { name: 'http', run: () => app.close() },
    { name: 'messaging', run: () => messaging.close() },
    { name: 'log', run: () => log.close() },
    { name: 'keys', run: () => keys.stop() },
    { name: 'tables', run: () => database.end() },
  ];
}
