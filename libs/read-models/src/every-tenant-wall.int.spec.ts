import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asTenant } from './as-tenant.ts';
import type { Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { READER_ROLE } from './reader-role.ts';

/** Tables without a tenant of their own, and why nothing of a tenant is lost by that. */
const NOBODYS: Readonly<Record<string, string>> = {
  migration: 'which migrations ran',
  projection: 'how far each shard has come',
  projector: 'which projectors are alive',
  rate_budget: 'how many requests are left; asked for by the name of the one bucket, never listed',
};

let database: Database;
beforeAll(async () => {
  ({ database } = await migratedDatabase());
  for (const table of await tenantTables()) await fill(table);
});
afterAll(() => database.end());

interface Table {
  name: string;
  /** It says whose each row is. */
  tenants: boolean;
  partition: boolean;
  secured: boolean;
  /** What its policies show. */
  shows: string[];
}

/** Every table that there is, from the catalogue: a new one is here without anybody's doing. */
async function allTables(): Promise<Table[]> {
  const { rows } = await database.query<Table>(`
    SELECT relname::text AS name, relispartition AS partition, relrowsecurity AS secured,
      EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant' AND NOT attisdropped) AS tenants,
      ARRAY(SELECT cmd || ' ' || qual FROM pg_policies WHERE schemaname = current_schema() AND tablename = relname) AS shows
    FROM pg_class AS c WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') ORDER BY relname`);
  return rows;
}

const tenantTables = async () =>
  (await allTables()).filter(({ tenants, partition }) => tenants && !partition).map(({ name }) => name);

/** What is wrong with the walls, table by table. */
async function gaps(): Promise<string[]> {
  return (await allTables()).flatMap(({ name, tenants, partition, secured, shows }) => {
    if (!tenants) return name in NOBODYS ? [] : [`${name} says of no row whose it is`];
    if (!secured) return [`${name} has no row-level security`];
    if (partition) return shows.length === 0 ? [] : [`${name} is a partition and shows rows by its own name`];
    const walled = shows.length === 1 && /^SELECT \(tenant = .*runcast\.tenant/.test(shows[0]!);
    return walled ? [] : [`${name} has other policies than the wall: ${shows.join('; ') || 'none'}`];
  });
}

/** What each type takes, where a constraint does not want something else. */
const VALUES: Readonly<Record<string, (tenant: string) => unknown>> = {
  text: (tenant) => `x-${tenant}`,
  jsonb: () => '{}',
  bytea: (tenant) => Buffer.alloc(32, tenant),
  boolean: () => false,
  'text[]': () => [],
  'timestamp with time zone': () => '2026-11-21T10:00:00Z',
  date: () => 'infinity',
  integer: () => 1,
  bigint: () => 1,
  'double precision': () => 0,
};
const WANTED: Readonly<Record<string, unknown>> = {
  'run.status': 'running',
  'erasure.kind': 'run',
  'legal_hold.kind': 'run',
};

/** Puts a row of each of two tenants into a table, whatever its columns are. */
async function fill(table: string): Promise<void> {
  const { rows: columns } = await database.query<{ name: string; type: string }>(
    `SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND (attname = 'tenant' OR (attnotnull AND NOT atthasdef))`,
    [table],
  );
  for (const [index, tenant] of ['acme', 'beta'].entries()) {
    const values = columns.map(({ name, type }) => {
      if (name === 'tenant') return tenant;
      // A place in the log is one record's.
      if (table === 'dead_letter' && name === 'sequence') return index + 1;
      return WANTED[`${table}.${name}`] ?? VALUES[type]!(tenant);
    });
    const names = columns.map(({ name }) => name).join(', ');
    const places = values.map((_, place) => `$${place + 1}`).join(', ');
    await database.query(`INSERT INTO ${table} (${names}) VALUES (${places})`, values);
  }
}

/** Whose rows of a table this tenant is shown, were it allowed to read all of the table. */
async function shownTo(tenant: string, table: string): Promise<string[]> {
  await database.query(`GRANT SELECT ON ${table} TO ${READER_ROLE}`);
  const sql = `SELECT tenant FROM ${table} ORDER BY tenant`;
  return (await asTenant(database, tenant).query<{ tenant: string }>(sql, [])).rows.map((row) => row.tenant);
}

describe('The second wall', () => {
  it('stands around every table that says whose its rows are, and every other table is named with a reason', async () => {
    expect(await gaps()).toEqual([]);
    expect(await tenantTables()).toEqual(expect.arrayContaining(['event', 'api_key', 'ticket', 'dead_letter']));
  });

  it('shows a tenant its own rows of every one of them, and nobody who is not named anything', async () => {
    for (const table of await tenantTables()) {
      expect([table, await shownTo('acme', table)]).toEqual([table, ['acme']]);
      expect([table, await shownTo('beta', table)]).toEqual([table, ['beta']]);
      expect([table, await shownTo('', table)]).toEqual([table, []]);
    }
  });

  it('binds readers, not the owner of the tables, who projects and copies for every tenant', async () => {
    const { rows } = await database.query<{ name: string }>(
      `SELECT relname::text AS name FROM pg_class WHERE relforcerowsecurity`,
    );
    expect(rows).toEqual([]);
  });

  it('control: a table without it is found, and shows the other tenant', async () => {
    await database.query('CREATE TABLE diary (tenant text NOT NULL, words text NOT NULL)');
    await database.query('CREATE TABLE gossip (words text)');
    await fill('diary');
    expect(await gaps()).toEqual(['diary has no row-level security', 'gossip says of no row whose it is']);
    expect(await shownTo('acme', 'diary')).toEqual(['acme', 'beta']);
    await database.query('ALTER TABLE diary ENABLE ROW LEVEL SECURITY');
    await database.query('CREATE POLICY all_of_it ON diary USING (true)');
    expect(await gaps()).toContain('diary has other policies than the wall: ALL true');
    await database.query('DROP TABLE diary, gossip');
  });
});
