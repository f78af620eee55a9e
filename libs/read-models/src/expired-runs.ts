import type { RunStatus } from '@runcast/run-events';
import { inTransaction, type Database } from './database.ts';
import { partitionName } from './event-partitions.ts';
import type { ExpiryDay } from './expiry.ts';

/** A run whose day has come. */
export interface DueRun {
  readonly tenant: string;
  readonly run: string;
  readonly status: RunStatus;
  readonly lastSequence: number;
}

/** Runs of a shard that may be dropped on this day or before it, the oldest day first. */
export async function listDueRuns(
  database: Database,
  due: { readonly shard: number; readonly today: ExpiryDay; readonly atMost: number },
): Promise<DueRun[]> {
  const { rows } = await database.query<DueRun>(
    `SELECT tenant, run, status, last_sequence AS "lastSequence" FROM run
     WHERE expires_on <= $2 AND expires_on < 'infinity' AND shard = $1 ORDER BY expires_on LIMIT $3`,
    [due.shard, due.today, due.atMost],
  );
  return rows;
}

/** Every other shard's rows wait this long at most; then the drop is left to the next time. */
const LOCK_MS = 2_000;

/**
 * Drops the partitions whose day has come and of whose runs none is left, and returns their names. Each is a matter of
 * milliseconds once nobody reads from `event`; it waits two seconds for that, no longer, since new readers wait behind it.
 */
export async function dropDuePartitions(database: Database, today: ExpiryDay): Promise<string[]> {
  const { rows } = await database.query<{ day: ExpiryDay }>(DUE_PARTITIONS, [today]);
  const dropped: string[] = [];
  for (const { day } of rows) if (await dropPartition(database, day)) dropped.push(partitionName(day));
  return dropped;
}

const DUE_PARTITIONS = `
  SELECT day FROM (
    SELECT replace(substring(c.relname FROM '^event_(\\d{4}_\\d\\d_\\d\\d)$'), '_', '-')::date AS day
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = 'event'::regclass
  ) AS partition
  WHERE day <= $1 AND NOT EXISTS (SELECT 1 FROM run WHERE expires_on = day) ORDER BY day`;

function dropPartition(database: Database, day: ExpiryDay): Promise<boolean> {
  return inTransaction(database, `BEGIN; SET LOCAL lock_timeout = ${LOCK_MS}`, async (connection) => {
    // Waits for the projectors' transactions, and makes them look for the partition anew.
    await connection.query('UPDATE projection SET revision = revision + 1');
    if ((await connection.query('SELECT 1 FROM run WHERE expires_on = $1 LIMIT 1', [day])).rowCount) return false;
    await connection.query(`DROP TABLE ${partitionName(day)}`);
    return true;
  });
}
