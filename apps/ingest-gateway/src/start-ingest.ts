import { EventLog } from '@runcast/event-log';
import { KeyRing } from '@runcast/read-models';
import { lookupIn, type DrainStep, type ServiceContext } from '@runcast/service-host';
import type { IngestConfig } from './config.ts';
import { createGateway } from './gateway.ts';

/** Opens everything the gateway needs and listens. Resolves to what has to be closed, in that order. */
export async function startIngest({ config, logger, readiness }: ServiceContext<IngestConfig>): Promise<DrainStep[]> {
  const log = await EventLog.connect({
    servers: config.NATS_URL,
    clientName: 'ingest-gateway',
    shards: config.RUNCAST_SHARDS,
    ...(config.RUNCAST_NAMESPACE !== undefined && { namespace: config.RUNCAST_NAMESPACE }),
  });
  const keys = await KeyRing.start({
    databaseUrl: config.DATABASE_URL,
    onError: (error) => logger.warn({ err: error }, 'API keys could not be refreshed; the last known ones go on'),
  });
  readiness.add('log', () => ({ ready: log.ready() }));
  readiness.add('keys', () => ({ ready: keys.ready }));
  const app = await createGateway({ config, log, lookupKey: lookupIn(keys), logger, readiness });
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  logger.info({ url }, 'listening');
  return [
    { name: 'http', run: () => app.close() },
    { name: 'log', run: () => log.close() },
    { name: 'keys', run: () => keys.stop() },
  ];
}
