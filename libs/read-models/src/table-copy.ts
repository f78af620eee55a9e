import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import copyStreams from 'pg-copy-streams';
import { DatabaseNotEmptyError } from './errors.ts';
import { migrate } from './migrate.ts';

/** What a copy of the tables holds besides their rows. */
export interface TablesCopy {
  /** The newest migration that the tables had seen. */
  readonly migration: string;
  readonly tables: readonly TableCopy[];
  readonly partitions: readonly Partition[];
}

export interface TableCopy {
  readonly table: string;
  /** In the order in which its rows hold them. */
  readonly columns: readonly string[];
  readonly rows: number;
}

/** A part of a table that is made while Runcast runs, not by a migration. */
export interface Partition {
  readonly name: string;
  readonly of: string;
  /** As Postgres writes it, e.g. `FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')`. */
  readonly bound: string;
}

const { from: copyFrom, to: copyTo } = copyStreams;
const { escapeIdentifier: quoted } = pg;
/**
 * One moment for all tables. Row security off: where it hides rows from this user the copy fails, instead of silently
 * lacking them.
 */
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security TO off';

/** Gives every table, as it is at one moment, to `take`, in Postgres' own COPY text. Does not stop anybody's work. */
export function copyTablesOut(
  databaseUrl: string,
  take: (table: string, rows: Readable) => Promise<void>,
): Promise<TablesCopy> {
  return withClient(databaseUrl, async (client) => {
    await client.query(SNAPSHOT);
    const tables: TableCopy[] = [];
    for (const { table, columns } of await listTables(client)) {
      const rows = client.query(copyTo(`COPY (SELECT ${list(columns)} FROM ${quoted(table)}) TO STDOUT`));
      await take(table, rows);
      tables.push({ table, columns, rows: rows.rowCount });
    }
    return { migration: await newestMigration(client), tables, partitions: await listPartitions(client) };
  });
}

/**
 * Makes the tables of an empty database from a copy, at the migration that the copy has.
 *
 * @throws {DatabaseNotEmptyError} before anything is written. After any other failure the database is to be dropped
 */
export function copyTablesIn(
  databaseUrl: string,
  copy: TablesCopy,
  rowsOf: (table: string) => Promise<Readable>,
): Promise<void> {
  return withClient(databaseUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_tables WHERE schemaname = current_schema() LIMIT 1');
    if (rowCount !== 0) throw new DatabaseNotEmptyError();
    await migrate(databaseUrl, { until: copy.migration });
    await client.query('BEGIN');
    for (const { name, of, bound } of copy.partitions) {
      await client.query(`CREATE TABLE IF NOT EXISTS ${quoted(name)} PARTITION OF ${quoted(of)} ${bound}`);
      await client.query(`ALTER TABLE ${quoted(name)} ENABLE ROW LEVEL SECURITY`);
    }
    for (const table of copy.tables) await fill(client, table, await rowsOf(table.table));
    await client.query('COMMIT');
  });
}

async function fill(client: pg.Client, { table, columns }: TableCopy, rows: Readable): Promise<void> {
  // A migration may have put first rows there, which the copy has as they became.
  await client.query(`TRUNCATE ${quoted(table)}`);
  await pipeline(rows, client.query(copyFrom(`COPY ${quoted(table)} (${list(columns)}) FROM STDIN`)));
  for (const { column } of await countingColumns(client, table)) {
    const counter = `pg_get_serial_sequence($1, $2)`;
    const next = `(SELECT coalesce(max(${quoted(column)}), 0) + 1 FROM ${quoted(table)})`;
    await client.query(`SELECT setval(${counter}, ${next}, false)`, [quoted(table), column]);
  }
}

/** A connection without a limit of time: whole tables take as long as they take. What is open at its end is undone. */
async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'runcast copy', keepAlive: true });
  // A broken connection shows in the statement under way; without a listener it would end the process instead.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function listTables(client: pg.Client): Promise<{ table: string; columns: string[] }[]> {
  return (await client.query<{ table: string; columns: string[] }>(LIST_TABLES)).rows;
}

const LIST_TABLES = `
  SELECT relname::text AS table, array_agg(attname::text ORDER BY attnum) AS columns
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
  WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname <> 'migration' AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
  GROUP BY relname ORDER BY relname`;

async function listPartitions(client: pg.Client): Promise<Partition[]> {
  return (await client.query<Partition>(LIST_PARTITIONS)).rows;
}

const LIST_PARTITIONS = `
  SELECT part.relname::text AS name, whole.relname::text AS of, pg_get_expr(part.relpartbound, part.oid) AS bound
  FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid JOIN pg_class AS whole ON whole.oid = inhparent
  WHERE part.relispartition AND part.relkind = 'r' AND whole.relnamespace = current_schema()::regnamespace
  ORDER BY name`;

async function newestMigration(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM migration ORDER BY id DESC LIMIT 1');
  return rows[0]!.name;
}

async function countingColumns(client: pg.Client, table: string): Promise<{ column: string }[]> {
  return (await client.query<{ column: string }>(COUNTING_COLUMNS, [quoted(table)])).rows;
}

const COUNTING_COLUMNS = `
  SELECT attname::text AS column FROM pg_attribute
  WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND pg_get_serial_sequence($1::text, attname) IS NOT NULL`;

function list(columns: readonly string[]): string {
  return columns.map(quoted).join(', ');
}
