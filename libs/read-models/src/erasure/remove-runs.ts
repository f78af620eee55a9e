import { inTransaction, type Connection, type Database } from '../database.ts';
import { placeEvents } from '../event-partitions.ts';
import type { ExpiryDay } from '../expiry.ts';
import { digestOf } from './erased-runs.ts';

export interface RunsOfTenant {
  readonly shard: number;
  readonly tenant: string;
  readonly runs: readonly string[];
}

/** How many rows went, or are still there. */
export interface RowCounts {
  readonly events: number;
  readonly runs: number;
  readonly links: number;
  readonly deadLetters: number;
}

/**
 * Deletes every row of these runs and marks them as erased, so that nothing which is still to come of them is taken.
 * `subjects` are theirs in the log: an unreadable record is parked under its subject alone.
 */
export function eraseFromTables(
  database: Database,
  target: RunsOfTenant & { readonly erasure: string; readonly subjects: readonly string[] },
): Promise<RowCounts> {
  const { shard, tenant, runs, erasure, subjects } = target;
  return behindTheProjector(database, shard, async (connection) => {
    const digests = runs.map((run) => digestOf(tenant, run));
    await connection.query(
      `INSERT INTO erased_run (digest, tenant, erasure) SELECT digest, $2, $3 FROM unnest($1::text[]) AS digest
       ON CONFLICT (digest) DO UPDATE SET erased_at = now()`,
      [digests, tenant, erasure],
    );
    const events = await connection.query('DELETE FROM event WHERE tenant = $1 AND run = ANY ($2)', [tenant, runs]);
    return { events: events.rowCount ?? 0, ...(await removeRunRows(connection, { shard, tenant, runs }, subjects)) };
  });
}

/** Deletes what there is of these runs beside their events, which go with their partition. */
export function removeExpired(
  database: Database,
  target: RunsOfTenant & { readonly subjects: readonly string[] },
): Promise<Omit<RowCounts, 'events'>> {
  return behindTheProjector(database, target.shard, (connection) => removeRunRows(connection, target, target.subjects));
}

/** Gives these runs another day, and moves their events to its partition. */
export function moveRuns(database: Database, target: RunsOfTenant & { readonly day: ExpiryDay }): Promise<void> {
  const { shard, tenant, runs, day } = target;
  return behindTheProjector(database, shard, async (connection) => {
    await placeEvents(connection, [day]);
    for (const table of ['event', 'run']) {
      await connection.query(`UPDATE ${table} SET expires_on = $3 WHERE tenant = $1 AND run = ANY ($2)`, [
        tenant,
        runs,
        day,
      ]);
    }
  });
}

/** What the tables hold of these runs now. */
export async function countRows(
  database: Database,
  { tenant, runs }: RunsOfTenant,
  subjects: readonly string[],
): Promise<RowCounts> {
  const { rows } = await database.query<RowCounts>(COUNT, [tenant, runs, subjects]);
  return rows[0]!;
}

const COUNT = `SELECT
  (SELECT count(*) FROM event WHERE tenant = $1 AND run = ANY ($2)) AS events,
  (SELECT count(*) FROM run WHERE tenant = $1 AND run = ANY ($2)) AS runs,
  (SELECT count(*) FROM session_run WHERE tenant = $1 AND run = ANY ($2)) AS links,
  (SELECT count(*) FROM dead_letter WHERE (tenant = $1 AND run = ANY ($2)) OR subject = ANY ($3)) AS "deadLetters"`;

/** Takes the place of the shard's projector for one transaction, and makes it forget what it keeps in memory. */
export function behindTheProjector<T>(
  database: Database,
  shard: number,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  return inTransaction(database, 'BEGIN', async (connection) => {
    await connection.query('UPDATE projection SET revision = revision + 1 WHERE shard = $1', [shard]);
    return work(connection);
  });
}

async function removeRunRows(
  connection: Connection,
  { tenant, runs }: RunsOfTenant,
  subjects: readonly string[],
): Promise<Omit<RowCounts, 'events'>> {
  const removed = await connection.query('DELETE FROM run WHERE tenant = $1 AND run = ANY ($2)', [tenant, runs]);
  const links = await connection.query<{ session: string }>(
    'DELETE FROM session_run WHERE tenant = $1 AND run = ANY ($2) RETURNING session',
    [tenant, runs],
  );
  const letters = await connection.query(
    'DELETE FROM dead_letter WHERE (tenant = $1 AND run = ANY ($2)) OR subject = ANY ($3)',
    [tenant, runs, subjects],
  );
  const sessions = [...new Set(links.rows.map(({ session }) => session))];
  await connection.query(EMPTY_SESSIONS, [tenant, sessions]);
  await connection.query(REFOLD_SESSIONS, [tenant, sessions]);
  return { runs: removed.rowCount ?? 0, links: links.rowCount ?? 0, deadLetters: letters.rowCount ?? 0 };
}

const EMPTY_SESSIONS = `
  DELETE FROM session AS s WHERE s.tenant = $1 AND s.session = ANY ($2)
    AND NOT EXISTS (SELECT 1 FROM session_run AS l WHERE l.tenant = s.tenant AND l.session = s.session)`;

// foldSession over what is left, in SQL. A rebuild must come to the same; remove-runs.int.spec.ts compares the two.
const REFOLD_SESSIONS = `
  WITH joined AS (
    SELECT l.session, l.run, l.linked_sequence, r.expires_on
    FROM session_run AS l LEFT JOIN run AS r USING (tenant, run)
    WHERE l.tenant = $1 AND l.session = ANY ($2)
  ), links AS (
    SELECT session, count(*) AS run_count, min(linked_sequence) AS first, max(linked_sequence) AS last
    FROM joined GROUP BY session
  ), events AS (
    SELECT j.session, count(*) AS event_count, min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at,
      max(e.received_at) AS active_at, max(e.sequence) AS last,
      (array_agg(e.agent ORDER BY e.sequence) FILTER (WHERE e.agent IS NOT NULL))[1] AS agent
    FROM joined AS j JOIN event AS e ON e.tenant = $1 AND e.run = j.run AND e.expires_on = j.expires_on
      AND e.sequence > j.linked_sequence
    GROUP BY j.session
  )
  UPDATE session AS s SET run_count = links.run_count, event_count = coalesce(events.event_count, 0),
    agent = events.agent, first_event_at = events.first_at, last_event_at = events.last_at,
    last_activity_at = events.active_at, first_sequence = links.first, last_sequence = greatest(links.last, events.last)
  FROM links LEFT JOIN events USING (session)
  WHERE s.tenant = $1 AND s.session = links.session`;
