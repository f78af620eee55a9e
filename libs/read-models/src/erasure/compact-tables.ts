import type { Database } from '../database.ts';

const HOLD_USER_TEXT = ['event', 'run', 'session', 'session_run', 'dead_letter', 'erasure', 'legal_hold'];

/**
 * Rewrites the tables that hold what senders said, so that their files hold no bytes of rows that were deleted, nor the
 * planner's samples of them. Each is locked while it is rewritten, a partition at a time.
 */
export async function compactTables(database: Database): Promise<void> {
  for (const table of HOLD_USER_TEXT) await database.query(`VACUUM (FULL, ANALYZE) ${table}`);
  // The samples that the planner had of them before. Postgres skips it, with a warning, for who may not.
  await database.query('VACUUM (FULL) pg_statistic');
  await database.query('CHECKPOINT').catch(() => undefined); // only some may ask for it; it comes by itself
}
