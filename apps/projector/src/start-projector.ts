import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { EventLog } from '@runcast/event-log';
import { openDatabase } from '@runcast/read-models';
import { createHttpApp, type DrainStep, type ServiceContext } from '@runcast/service-host';
import { Backoff } from './backoff.ts';
import type { ProjectorConfig } from './config.ts';
import { projectShard, type ShardProjection } from './project-shard.ts';
import { ShardStatus } from './shard-status.ts';

/** Serves nothing but the health routes that every service has. */
@Module({})
class ProjectorModule {}

/** Starts one loop for each shard. Rejects when NATS cannot be reached; Postgres is waited for. */
export async function startProjector(context: ServiceContext<ProjectorConfig>): Promise<readonly DrainStep[]> {
  const { config, logger, readiness } = context;
  const log = await EventLog.connect({
    servers: config.NATS_URL,
    clientName: 'projector',
    shards: config.RUNCAST_SHARDS,
    ...(config.RUNCAST_NAMESPACE !== undefined && { namespace: config.RUNCAST_NAMESPACE }),
  });
  const database = openDatabase({
    databaseUrl: config.DATABASE_URL,
    applicationName: 'runcast projector',
    // Per shard: one for the transaction, one for the lease.
    maxConnections: 2 * config.RUNCAST_SHARDS,
    waitMs: config.RUNCAST_LEASE_MS,
    onError: (error) => logger.warn({ err: error }, 'an idle connection to Postgres broke'),
  });
  const holder = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const stop = new AbortController();
  const loops = Array.from({ length: config.RUNCAST_SHARDS }, (_, shard) => {
    const status = new ShardStatus(Date.now);
    readiness.add(`shard-${shard}`, () => status.check());
    return projectShard({ ...loopOf(config), shard, holder, log, database, status, logger }, stop.signal);
  });
  const http = await createHttpApp(ProjectorModule, {
    service: 'projector',
    version: config.RUNCAST_VERSION,
    logger,
    readiness,
  });
  await http.listen({ host: config.HOST, port: config.PORT });
  return [
    {
      name: 'projecting',
      run: async () => {
        stop.abort();
        await Promise.all(loops);
      },
    },
    { name: 'log', run: () => log.close() },
    { name: 'database', run: () => database.end() },
    { name: 'http', run: () => http.close() },
  ];
}

function loopOf(config: ProjectorConfig): Pick<ShardProjection, 'leaseMs' | 'maxEntries' | 'backoff' | 'pause'> {
  return {
    leaseMs: config.RUNCAST_LEASE_MS,
    maxEntries: config.RUNCAST_BATCH_ENTRIES,
    backoff: new Backoff(100, 10_000, Math.random),
    pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  };
}
