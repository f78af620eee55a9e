import 'reflect-metadata';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ENTITIES } from './entities.ts';
import { UnknownMigrationError } from './errors.ts';
import { FirstTables1795251946230 } from './migrations/1795251946230-first-tables.ts';
import { RunActivity1795255800000 } from './migrations/1795255800000-run-activity.ts';
import { EventPartitions1795262400000 } from './migrations/1795262400000-event-partitions.ts';
import { Redaction1795264200000 } from './migrations/1795264200000-redaction.ts';
import { Access1795267800000 } from './migrations/1795267800000-access.ts';
import { ErasureAndAudit1795269600000 } from './migrations/1795269600000-erasure-and-audit.ts';
import { RateBudgets1795273200000 } from './migrations/1795273200000-rate-budgets.ts';
import { TenantWalls1795280400000 } from './migrations/1795280400000-tenant-walls.ts';
import { EveryTenantWall1795287600000 } from './migrations/1795287600000-every-tenant-wall.ts';
import { provideReaderRole } from './reader-role.ts';

/** Every migration, oldest first. */
const MIGRATIONS = [
  FirstTables1795251946230,
  RunActivity1795255800000,
  EventPartitions1795262400000,
  Redaction1795264200000,
  Access1795267800000,
  ErasureAndAudit1795269600000,
  RateBudgets1795273200000,
  TenantWalls1795280400000,
  EveryTenantWall1795287600000,
];

/** Any number that nothing else in the database locks. */
const MIGRATION_LOCK = 7_260_411;

export interface MigrateOptions {
  /** The last one to run, by its name; all unless told. */
  readonly until?: string;
}

/**
 * Brings the tables up to date. Any number of processes may call it at once: one migrates, the others wait for it and
 * find nothing left to do. Each migration is a transaction of its own, so a killed one leaves nothing half done.
 *
 * @returns the names of the migrations that ran.
 * @throws {UnknownMigrationError} when `until` names none of this release
 * @throws {ReaderRoleError} when the role that reads must be made by somebody else; the migrations have run
 */
export async function migrate(databaseUrl: string, { until }: MigrateOptions = {}): Promise<string[]> {
  const migrations = migrationsUntil(until);
  const lock = new pg.Client({ connectionString: databaseUrl, application_name: 'runcast migrations' });
  // Losing the lock's connection shows in the next statement; without a listener it would end the process instead.
  lock.on('error', () => undefined);
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await runPending(databaseUrl, migrations);
    await provideReaderRole(lock);
    return ran;
  } finally {
    await lock.end(); // gives the lock back
  }
}

/** The names of all migrations of this release, oldest first. */
export function migrationNames(): string[] {
  return MIGRATIONS.map(({ name }) => name);
}

function migrationsUntil(last: string | undefined): typeof MIGRATIONS {
  if (last === undefined) return MIGRATIONS;
  const index = MIGRATIONS.findIndex(({ name }) => name === last);
  if (index === -1) throw new UnknownMigrationError(last);
  return MIGRATIONS.slice(0, index + 1);
}

async function runPending(databaseUrl: string, migrations: typeof MIGRATIONS): Promise<string[]> {
  const source = migrationSource(databaseUrl, migrations);
  await source.initialize();
  try {
    return (await source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}

export function migrationSource(databaseUrl: string, migrations = MIGRATIONS): DataSource {
  return new DataSource({
    type: 'postgres',
    url: databaseUrl,
    entities: [...ENTITIES],
    migrations,
    migrationsTableName: 'migration',
    // The tables change by migration only, never by what a process thinks they should be.
    synchronize: false,
    logging: false,
  });
}
