import pg from 'pg';
import { freshNamespace } from './fresh-namespace.ts';
import { testBackends } from './test-backends.ts';

export interface FreshDatabase {
  readonly url: string;
  /** Ends every session in it and deletes it. Not needed for cleanliness: the server goes away after the run. */
  drop(): Promise<void>;
}

/** A new, empty database on the run's shared Postgres. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { databaseUrl } = testBackends();
  const name = freshNamespace();
  await asAdmin(databaseUrl, `CREATE DATABASE ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(databaseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function asAdmin(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
