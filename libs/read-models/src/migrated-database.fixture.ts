import { freshDatabase } from '@runcast/test-harness';
import { openDatabase, type Database, type DatabaseOptions } from './database.ts';
import { migrate } from './migrate.ts';

export interface MigratedDatabase {
  readonly url: string;
  /** To be ended by who asked for it. */
  readonly database: Database;
}

/** A new database with the tables of this release, empty. */
export async function migratedDatabase(more: Pick<DatabaseOptions, 'maxConnections'> = {}): Promise<MigratedDatabase> {
  const { url } = await freshDatabase();
  await migrate(url);
  return { url, database: openDatabase({ databaseUrl: url, applicationName: 'spec', ...more }) };
}
