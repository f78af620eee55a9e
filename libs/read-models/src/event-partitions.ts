import type { Connection } from './database.ts';
import { NEVER, type ExpiryDay } from './expiry.ts';

/** Any number that nothing else in the database locks. */
const PARTITION_LOCK = 7_260_413;

/** The partition of `event` for the rows that may be dropped on a day. */
export function partitionName(day: ExpiryDay): string {
  return day === NEVER ? 'event_kept' : `event_${day.replaceAll('-', '_')}`;
}

/**
 * Makes the partitions for these days that are not there yet, in the caller's transaction. A table `event` without
 * partitions, such as a rebuild fills, is left as it is.
 */
export async function placeEvents(connection: Connection, days: Iterable<ExpiryDay>): Promise<void> {
  for (const day of days) {
    const { rows } = await connection.query<PlaceRow>(PLACE, [partitionName(day)]);
    const place = rows[0]!;
    if (!place.partitioned || place.there) continue;
    // Two shards may need the same day at once. IF NOT EXISTS alone is a race: the loser fails with a unique violation.
    await connection.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    const part = `${place.schema}.${partitionName(day)}`;
    await connection.query(`CREATE TABLE IF NOT EXISTS ${part} PARTITION OF event FOR VALUES IN ('${day}')`);
    // The wall of `event` does not stand around a partition that is read by its own name.
    await connection.query(`ALTER TABLE ${part} ENABLE ROW LEVEL SECURITY`);
  }
}

interface PlaceRow {
  schema: string;
  partitioned: boolean;
  there: boolean;
}

const PLACE = `
  SELECT quote_ident(n.nspname) AS schema, c.relkind = 'p' AS partitioned,
    to_regclass(quote_ident(n.nspname) || '.' || $1) IS NOT NULL AS there
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = 'event'::regclass`;
