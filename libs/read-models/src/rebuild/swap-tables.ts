import { inTransaction, type Connection, type Database } from '../database.ts';
import { placeEvents } from '../event-partitions.ts';
import type { ExpiryDay } from '../expiry.ts';
import type { Claim } from '../projection.ts';
import { listed, PROJECTED_TABLES, sameKey, shadowSchema, type ProjectedTable } from './projected-tables.ts';

export interface TableChange {
  readonly table: string;
  readonly removed: number;
  readonly inserted: number;
}

export type SwapOutcome =
  | { readonly outcome: 'swapped'; readonly changes: readonly TableChange[] }
  /** The shard, or the shadow tables, have gone to somebody else. Nothing was changed. */
  | { readonly outcome: 'fenced-out' }
  /** The log does not have these events of the live tables, and the caller did not accept losing them. */
  | { readonly outcome: 'would-lose-events'; readonly events: number };

export interface SwapRequest {
  /** Of the live tables. */
  readonly live: Claim;
  /** Of the shadow tables. */
  readonly shadow: Claim;
  readonly acceptLoss: boolean;
}

/**
 * Makes the live rows of a shard those of its shadow tables, and the live position theirs, in one transaction: readers
 * see all of it or nothing. Only rows that differ are written, so a swap of identical tables changes nothing.
 */
export function swapTables(database: Database, request: SwapRequest): Promise<SwapOutcome> {
  const { live, shadow } = request;
  const schema = shadowSchema(live.shard);
  return inTransaction(database, 'BEGIN', async (connection) => {
    // Held to the end: no projector can claim the shard in the middle, whatever becomes of the lease meanwhile.
    if (!(await holds(connection, 'projection', live))) return { outcome: 'fenced-out' };
    if (!(await holds(connection, `${schema}.projection`, shadow))) return { outcome: 'fenced-out' };
    const events = request.acceptLoss ? 0 : await lostEvents(connection, live.shard);
    if (events > 0) return { outcome: 'would-lose-events', events };
    await keepDays(connection, live.shard);
    const changes: TableChange[] = [];
    for (const table of PROJECTED_TABLES) changes.push(await replaceRows(connection, table, live.shard));
    await connection.query(movePosition(schema), [live.shard]);
    return { outcome: 'swapped', changes };
  });
}

async function holds(connection: Connection, table: string, { shard, holder, fence }: Claim): Promise<boolean> {
  const sql = `SELECT 1 FROM ${table} WHERE shard = $1 AND holder = $2 AND fence = $3 FOR UPDATE`;
  return (await connection.query(sql, [shard, holder, fence])).rowCount === 1;
}

async function lostEvents(connection: Connection, shard: number): Promise<number> {
  const event = PROJECTED_TABLES[0]!;
  const { rows } = await connection.query<{ count: number }>(
    `SELECT count(*) AS count FROM event AS live WHERE shard = $1
     AND NOT EXISTS (SELECT 1 FROM ${shadowSchema(shard)}.event AS shadow WHERE ${sameKey(event)})`,
    [shard],
  );
  return rows[0]!.count;
}

/** Runs that are in the live tables keep their day, whatever the rules say now; partitions for the others are made. */
async function keepDays(connection: Connection, shard: number): Promise<void> {
  const shadow = shadowSchema(shard);
  const of = (table: string) => `UPDATE ${shadow}.${table} AS shadow SET expires_on = live.expires_on FROM run AS live
    WHERE live.tenant = shadow.tenant AND live.run = shadow.run AND live.expires_on <> shadow.expires_on`;
  await connection.query(of('event'));
  await connection.query(of('run'));
  const { rows } = await connection.query<{ day: ExpiryDay }>(`SELECT DISTINCT expires_on AS day FROM ${shadow}.run`);
  await placeEvents(
    connection,
    rows.map(({ day }) => day),
  );
}

async function replaceRows(connection: Connection, table: ProjectedTable, shard: number): Promise<TableChange> {
  const { name, settled = [] } = table;
  const columns = [...table.columns, ...settled];
  const shadow = `${shadowSchema(shard)}.${name}`;
  const removed = await connection.query(
    `DELETE FROM ${name} AS live WHERE shard = $1 AND NOT EXISTS (
       SELECT 1 FROM ${shadow} AS shadow WHERE ${sameKey(table)}
       AND (${listed(table.columns, 'live')}) IS NOT DISTINCT FROM (${listed(table.columns, 'shadow')})
     )`,
    [shard],
  );
  const inserted = await connection.query(
    `INSERT INTO ${name} (${columns.join(', ')}) SELECT ${listed(columns, 'shadow')} FROM ${shadow} AS shadow
     WHERE NOT EXISTS (SELECT 1 FROM ${name} AS live WHERE ${sameKey(table)})`,
  );
  return { table: name, removed: removed.rowCount ?? 0, inserted: inserted.rowCount ?? 0 };
}

function movePosition(schema: string): string {
  return `
    UPDATE projection AS live SET epoch = shadow.epoch, sequence = shadow.sequence, anchor = shadow.anchor
    FROM ${schema}.projection AS shadow
    WHERE live.shard = $1 AND shadow.shard = $1`;
}
