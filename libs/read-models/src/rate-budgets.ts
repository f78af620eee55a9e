import type { Database } from './database.ts';

/** A request for tokens of a bucket that fills with `perMinute` a minute and holds as many. */
export interface BudgetRequest {
  readonly bucket: string;
  readonly perMinute: number;
  readonly want: number;
}

/**
 * Takes up to `want` tokens out of a bucket, whole ones, by Postgres' clock. One statement, so that replicas that ask at the
 * same time take turns on the row.
 */
export async function leaseBudget(
  database: Database,
  { bucket, perMinute, want }: BudgetRequest,
): Promise<{ granted: number; left: number }> {
  const { rows } = await database.query<{ granted: number; tokens: number }>(LEASE, [bucket, perMinute, want]);
  return { granted: rows[0]!.granted, left: rows[0]!.tokens };
}

/** Forgets buckets that are full again: nobody has asked for an hour, and a missing bucket counts as full. */
export async function forgetIdleBudgets(database: Database): Promise<void> {
  await database.query(`DELETE FROM rate_budget WHERE read_at < now() - interval '1 hour'`);
}

// A transaction that waited for the row began before the one it waited for: time must not run backwards for it.
const REFILLED = `LEAST($2::double precision,
  b.tokens + GREATEST(0, extract(epoch FROM clock_timestamp() - b.read_at))::double precision * $2::double precision / 60)`;

const LEASE = `
  INSERT INTO rate_budget AS b (bucket, tokens, granted, read_at)
  VALUES ($1, $2::double precision - floor(LEAST($2, $3::double precision)),
          floor(LEAST($2, $3::double precision)), clock_timestamp())
  ON CONFLICT (bucket) DO UPDATE SET
    (tokens, granted, read_at) = (
      SELECT filled - floor(LEAST(filled, $3)), floor(LEAST(filled, $3)), GREATEST(b.read_at, clock_timestamp())
      FROM (SELECT ${REFILLED} AS filled) AS now_filled)
  RETURNING granted, tokens`;
