import 'reflect-metadata';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ENTITIES } from './entities.ts';
import { FirstTables1795251946230 } from './migrations/1795251946230-first-tables.ts';
import { RunActivity1795255800000 } from './migrations/1795255800000-run-activity.ts';
import { EventPartitions1795262400000 } from './migrations/1795262400000-event-partitions.ts';

/** Every migration, oldest first. */
const MIGRATIONS = [FirstTables1795251946230, RunActivity1795255800000, EventPartitions1795262400000];

/** Any number that nothing else in the database locks. */
const MIGRATION_LOCK = 7_260_411;

/**
 * Brings the tables up to date. Any number of processes may call it at once: one migrates, the others wait for it and
 * find nothing left to do. Each migration is a transaction of its own, so a killed one leaves nothing half done.
 *
 * @returns the names of the migrations that ran.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl, application_name: 'runcast migrations' });
  // Losing the lock's connection shows in the next statement; without a listener it would end the process instead.
  lock.on('error', () => undefined);
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await runPending(databaseUrl);
  } finally {
    await lock.end(); // gives the lock back
  }
}

async function runPending(databaseUrl: string): Promise<string[]> {
  const source = migrationSource(databaseUrl);
  await source.initialize();
  try {
    return (await source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}

export function migrationSource(databaseUrl: string): DataSource {
  return new DataSource({
    type: 'postgres',
    url: databaseUrl,
    entities: [...ENTITIES],
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    // The tables change by migration only, never by what a process thinks they should be.
    synchronize: false,
    logging: false,
  });
}
