import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { EventLog } from '@runcast/event-log';
import { announceProjector, openDatabase, withdrawProjector, type Database } from '@runcast/read-models';
import {
  AnswerMetrics,
  createHttpApp,
  LogMetrics,
  logSettings,
  PostgresMetrics,
  type DrainStep,
  type Logger,
  type ServiceContext,
} from '@runcast/service-host';
import { timestampFromMs } from '@runcast/run-events';
import { Backoff } from './backoff.ts';
import type { ProjectorConfig } from './config.ts';
import { projectShard, type ShardProjection } from './project-shard.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { ShardStatus } from './shard-status.ts';
import { Shares } from './shares.ts';

/** Serves nothing but the health routes that every service has. */
@Module({})
class ProjectorModule {}

/** Starts one loop for each shard. Rejects when NATS cannot be reached; Postgres is waited for. */
export async function startProjector(context: ServiceContext<ProjectorConfig>): Promise<readonly DrainStep[]> {
  const { config, logger, readiness } = context;
  const logMetrics = new LogMetrics(context.metrics, config.RUNCAST_SHARDS);
  const postgres = new PostgresMetrics(context.metrics);
  const metrics = new ProjectorMetrics(context.metrics, config.RUNCAST_SHARDS);
  const log = await EventLog.connect({
    ...logSettings(config),
    clientName: 'projector',
    onCommit: logMetrics.onCommit,
  });
  logMetrics.watch(log);
  const database = openDatabase({
    databaseUrl: config.DATABASE_URL,
    applicationName: 'runcast projector',
    // Per shard: one for the transaction, one to read for the next, one for the lease. Many shards take turns.
    maxConnections: Math.min(3 * config.RUNCAST_SHARDS + 1, MAX_CONNECTIONS),
    waitMs: config.RUNCAST_LEASE_MS,
    onError: (error) => {
      postgres.fault();
      logger.warn({ err: error }, 'an idle connection to Postgres broke');
    },
  });
  postgres.watch(database);
  const holder = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const stop = new AbortController();
  const shares = new Shares(config.RUNCAST_SHARDS);
  const presence = keepPresence({ config, logger, database, holder, shares }, stop.signal);
  const statuses = Array.from({ length: config.RUNCAST_SHARDS }, () => new ShardStatus(Date.now));
  metrics.watch(statuses);
  const loops = statuses.map((status, shard) => {
    readiness.add(`shard-${shard}`, () => status.check());
    const job = { ...loopOf(config), shard, holder, log, database, status, metrics, logger, shares };
    return projectShard(job, stop.signal);
  });
  const http = await createHttpApp(ProjectorModule, {
    service: 'projector',
    version: config.RUNCAST_VERSION,
    commit: config.RUNCAST_COMMIT,
    logger,
    readiness,
    answers: new AnswerMetrics(context.metrics),
  });
  await http.listen({ host: config.HOST, port: config.PORT });
  return [
    {
      name: 'projecting',
      run: async () => {
        stop.abort();
        await Promise.all([...loops, presence]);
      },
    },
    { name: 'log', run: () => log.close() },
    { name: 'database', run: () => database.end() },
    { name: 'http', run: () => http.close() },
  ];
}

const MAX_CONNECTIONS = 32;

/** Lets the other projectors know of this one, and learns how many there are, until the signal aborts. */
async function keepPresence(
  on: { config: ProjectorConfig; logger: Logger; database: Database; holder: string; shares: Shares },
  signal: AbortSignal,
): Promise<void> {
  const { config, logger, database, holder, shares } = on;
  while (!signal.aborted) {
    try {
      shares.sawProjectors(await announceProjector(database, holder, config.RUNCAST_LEASE_MS));
    } catch (error) {
      logger.warn({ err: error }, 'could not tell the other projectors of this one');
    }
    await delay(config.RUNCAST_LEASE_MS / 3, undefined, { signal }).catch(() => undefined);
  }
  // Without Postgres the others learn it when the time has run out.
  await withdrawProjector(database, holder).catch(() => undefined);
}

type Loop = Pick<
  ShardProjection,
  'leaseMs' | 'maxEntries' | 'backoff' | 'pause' | 'sweep' | 'tidyEveryMs' | 'now' | 'elapsed'
>;

function loopOf(config: ProjectorConfig): Loop {
  return {
    leaseMs: config.RUNCAST_LEASE_MS,
    maxEntries: config.RUNCAST_BATCH_ENTRIES,
    // A dependency that is back must be noticed within seconds; one that stays away costs one attempt each.
    backoff: new Backoff(100, 2_000, Math.random),
    sweep: {
      everyMs: config.RUNCAST_SWEEP_MS,
      limits: { runningMs: config.RUNCAST_IDLE_LIMIT_MS, waitingMs: config.RUNCAST_WAITING_LIMIT_MS },
      allowanceMs: config.RUNCAST_SILENCE_ALLOWANCE_MS,
    },
    tidyEveryMs: config.RUNCAST_TIDY_MS,
    now: () => timestampFromMs(Date.now()),
    elapsed: () => performance.now(),
    pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  };
}
