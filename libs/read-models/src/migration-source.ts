import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { ENTITIES } from './entities.ts';
import { MIGRATIONS } from './migrations.ts';

/** What TypeORM knows of a database: the tables as the code believes them to be, and how they come about. */
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
