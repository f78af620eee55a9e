import type { Database } from './database.ts';

/**
 * Says that this projector is there for so long, and returns how many are, itself included. By Postgres' clock, like the
 * leases: a frozen process counts as gone when its leases run out.
 */
export async function announceProjector(database: Database, holder: string, aliveMs: number): Promise<number> {
  const { rows } = await database.query<{ others: number }>(ANNOUNCE, [holder, aliveMs]);
  return rows[0]!.others + 1;
}

const ANNOUNCE = `
  WITH gone AS (
    DELETE FROM projector WHERE alive_until < clock_timestamp() AND holder <> $1
  ), present AS (
    INSERT INTO projector (holder, alive_until) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond')
    ON CONFLICT (holder) DO UPDATE SET alive_until = excluded.alive_until
  )
  SELECT count(*) AS others FROM projector WHERE alive_until >= clock_timestamp() AND holder <> $1`;

/** Says that it is leaving, so that the others take its shards as their own. */
export async function withdrawProjector(database: Database, holder: string): Promise<void> {
  await database.query('DELETE FROM projector WHERE holder = $1', [holder]);
}
