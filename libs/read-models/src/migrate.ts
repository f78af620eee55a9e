import pg from 'pg';
import { UnknownMigrationError } from './errors.ts';
import { MIGRATIONS } from './migrations.ts';
import { provideReaderRole } from './reader-role.ts';

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
  // TypeORM is most of the code of a service that loads it; those that do not migrate go without.
  const { migrationSource } = await import('./migration-source.ts');
  const source = migrationSource(databaseUrl, migrations);
  await source.initialize();
  try {
    return (await source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}
