import { inTransaction, type Database } from '../database.ts';
import { EVENT_COLUMNS, eventFromRow, type EventRow } from '../event-rows.ts';
import type { LogEntry } from '../log-entry.ts';

export interface RetainedRange {
  readonly shard: number;
  /** The epoch of the stream that the rows stem from. */
  readonly epoch: string;
  /** The oldest sequence that the log still holds: what is retained stands before it. */
  readonly before: number;
  readonly batch: number;
}

/**
 * What the live tables keep of a log that has been trimmed, as the records it was made of, in log order. Hands on the
 * events and links; calls back with one batch after the other.
 */
export async function readRetained(
  database: Database,
  range: RetainedRange,
  take: (entries: readonly LogEntry[]) => Promise<void>,
): Promise<void> {
  const { shard, epoch, before, batch } = range;
  // One snapshot and one sort for all of it: there is no index over a shard's sequences to page by.
  await inTransaction(database, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async (connection) => {
    await connection.query(DECLARE, [shard, before, epoch]);
    for (;;) {
      const { rows } = await connection.query<RetainedRow>(`FETCH ${batch} FROM retained`);
      if (rows.length === 0) return;
      await take(rows.map(entryFromRow));
    }
  });
}

/** A parked record cannot be folded again; it is copied as it is. */
export async function copyDeadLetters(
  database: Database,
  { shard, before, schema }: { shard: number; before: number; schema: string },
): Promise<void> {
  const sql = `INSERT INTO ${schema}.dead_letter SELECT * FROM dead_letter WHERE shard = $1 AND sequence < $2`;
  await database.query(sql, [shard, before]);
}

interface RetainedRow extends EventRow {
  readonly kind: 'event' | 'link';
}

function entryFromRow({ kind, ...row }: RetainedRow): LogEntry {
  if (kind === 'event') return { kind, event: eventFromRow(row) };
  const { tenant, run, shard, epoch, sequence } = row;
  return { kind, link: { tenant, run, session: row.session!, position: { shard, epoch, sequence } } };
}

const LINK_VALUES: Readonly<Record<string, string>> = {
  tenant: 'tenant',
  run: 'run',
  session: 'session',
  shard: 'shard',
  sequence: 'linked_sequence',
};

const DECLARE = `
  DECLARE retained NO SCROLL CURSOR FOR
  SELECT 'event' AS kind, ${EVENT_COLUMNS.map(({ name }) => name).join(', ')}, $3::text AS epoch
  FROM event WHERE shard = $1 AND sequence < $2
  UNION ALL
  SELECT 'link', ${EVENT_COLUMNS.map(({ name, type }) => LINK_VALUES[name] ?? `NULL::${type}`).join(', ')}, $3::text
  FROM session_run WHERE shard = $1 AND linked_sequence < $2
  ORDER BY sequence`;
