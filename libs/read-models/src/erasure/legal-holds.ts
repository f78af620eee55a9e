import type { Timestamp } from '@runcast/run-events';
import { asTenant } from '../as-tenant.ts';
import type { Connection, Database } from '../database.ts';
import { recordAct } from './audit-log.ts';
import { digestOf } from './erased-runs.ts';

export interface Held {
  readonly tenant: string;
  readonly kind: 'run' | 'session';
  /** The run's or the session's id. */
  readonly subject: string;
}

/** Keeps a run, or every run of a session, from being erased or dropped for its age. */
export interface LegalHold extends Held {
  readonly reason: string;
  readonly placedBy: string;
  readonly placedAt: Timestamp;
}

/** `erasing`: it has been asked to be erased already, and that is not undone. */
export type HoldOutcome = 'placed' | 'erasing';

/** Places a hold, also on what nobody has heard of yet. A second one replaces the reason. */
export function placeHold(
  database: Database,
  hold: Held & { readonly reason: string; readonly actor: string },
): Promise<HoldOutcome> {
  const { tenant, kind, subject, reason, actor } = hold;
  const act = { tenant, actor, action: 'legal-hold.placed', subject: `${kind} ${subject}`, details: { reason } };
  return recordAct(database, act, async (connection) => {
    await lockErasures(connection, tenant);
    const pending = await connection.query(
      'SELECT 1 FROM erasure WHERE tenant = $1 AND kind = $2 AND subject_digest = $3 AND completed_at IS NULL',
      [tenant, kind, digestOf(tenant, subject)],
    );
    if (pending.rowCount) throw new ErasureUnderWayError(kind, subject);
    await connection.query(
      `INSERT INTO legal_hold (tenant, kind, subject, reason, placed_by) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant, kind, subject) DO UPDATE SET reason = excluded.reason, placed_by = excluded.placed_by`,
      [tenant, kind, subject, reason, actor],
    );
  }).then(
    () => 'placed' as const,
    (error: unknown) => {
      if (error instanceof ErasureUnderWayError) return 'erasing' as const;
      throw error;
    },
  );
}

class ErasureUnderWayError extends Error {
  constructor(kind: string, subject: string) {
    super(`The ${kind} ${subject} is being erased.`);
  }
}

/** `false` when there was none. */
export async function liftHold(database: Database, hold: Held & { readonly actor: string }): Promise<boolean> {
  const { tenant, kind, subject, actor } = hold;
  const values = [tenant, kind, subject];
  const found = await database.query(
    'SELECT 1 FROM legal_hold WHERE tenant = $1 AND kind = $2 AND subject = $3',
    values,
  );
  if (!found.rowCount) return false;
  const act = { tenant, actor, action: 'legal-hold.lifted', subject: `${kind} ${subject}` };
  return recordAct(database, act, async (connection) => {
    const sql = 'DELETE FROM legal_hold WHERE tenant = $1 AND kind = $2 AND subject = $3';
    return (await connection.query(sql, values)).rowCount === 1;
  });
}

/** Holds of a tenant, oldest first. */
export async function listHolds(database: Database, tenant: string): Promise<LegalHold[]> {
  const { rows } = await asTenant(database, tenant).query<LegalHold>(
    `SELECT tenant, kind, subject, reason, placed_by AS "placedBy", placed_at AS "placedAt" FROM legal_hold
     WHERE tenant = $1 ORDER BY placed_at, kind, subject`,
    [tenant],
  );
  return rows;
}

/** Those of the runs that a hold keeps, their own or a session's. */
export async function heldRuns(
  connection: Pick<Connection, 'query'>,
  tenant: string,
  runs: readonly string[],
): Promise<Set<string>> {
  const { rows } = await connection.query<{ run: string }>(HELD, [tenant, runs]);
  return new Set(rows.map(({ run }) => run));
}

const HELD = `
  SELECT subject AS run FROM legal_hold WHERE tenant = $1 AND kind = 'run' AND subject = ANY ($2)
  UNION
  SELECT l.run FROM session_run AS l JOIN legal_hold AS h ON h.tenant = l.tenant AND h.subject = l.session
  WHERE h.kind = 'session' AND l.tenant = $1 AND l.run = ANY ($2)`;

/** Any number that nothing else in the database locks. */
const ERASURE_LOCK = 7_260_415;

/** Between a look at the holds and what rests on it, nobody places one or asks for an erasure. */
export async function lockErasures(connection: Connection, tenant: string): Promise<void> {
  await connection.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [ERASURE_LOCK, tenant]);
}
