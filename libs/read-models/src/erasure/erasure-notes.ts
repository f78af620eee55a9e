import { randomUUID } from 'node:crypto';
import type { Timestamp } from '@runcast/run-events';
import { inTransaction, type Connection, type Database } from '../database.ts';
import { appendAct } from './audit-log.ts';
import { digestOf } from './erased-runs.ts';
import type { ErasureKind, PendingErasure } from './erasures.ts';

/** What outlives the tables of an installation: by these a backup that is older than an erasure does not undo it. */
export type ErasureNote = ErasedNote | UnderWayNote;

/** A run is gone. Its id is not told: see digestOf. */
export interface ErasedNote {
  readonly note: 'erased';
  readonly tenant: string;
  readonly digest: string;
  readonly erasure: string;
  readonly erasedAt: Timestamp;
}

/** Something has been asked to be erased. It is named, for nothing else would tell a restored backup what to erase. */
export interface UnderWayNote {
  readonly note: 'under-way';
  readonly tenant: string;
  readonly shard: number;
  readonly kind: ErasureKind;
  readonly subject: string;
}

/** Every erasure that the tables know of, the oldest first. */
export async function listErasureNotes(database: Database): Promise<ErasureNote[]> {
  const { rows: erased } = await database.query<ErasedNote>(
    `SELECT 'erased' AS note, tenant, digest, erasure, erased_at AS "erasedAt" FROM erased_run ORDER BY erased_at, digest`,
  );
  const { rows: underWay } = await database.query<UnderWayNote>(
    `SELECT 'under-way' AS note, tenant, shard, kind, subject FROM erasure WHERE completed_at IS NULL ORDER BY requested_at`,
  );
  return [...erased, ...underWay];
}

/**
 * Makes restored tables know what was erased after they were copied: the marks, by which nothing of these runs is taken or
 * shown again, and an erasure for each run that the tables have still. A legal hold of the copy does not keep it: it
 * had been lifted when the run was erased.
 *
 * @returns the erasures that are to be carried out; who stops half way leaves them to the projector
 */
export function applyErasureNotes(database: Database, notes: readonly ErasureNote[]): Promise<PendingErasure[]> {
  return inTransaction(database, 'BEGIN', async (connection) => {
    await insertMarks(
      connection,
      notes.filter((note) => note.note === 'erased'),
    );
    const { rows: back } = await connection.query<{ tenant: string; run: string; shard: number }>(COME_BACK);
    const wanted = back.map(({ run, ...of }) => ({ ...of, kind: 'run' as const, subject: run }));
    const underWay = notes.filter((note) => note.note === 'under-way');
    const asked: PendingErasure[] = [];
    for (const what of [...wanted, ...underWay]) asked.push(await askAgain(connection, what));
    return asked;
  });
}

async function insertMarks(connection: Connection, marks: readonly ErasedNote[]): Promise<void> {
  const columns = [marks.map(({ digest }) => digest), marks.map(({ tenant }) => tenant)];
  const more = [marks.map(({ erasure }) => erasure), marks.map(({ erasedAt }) => erasedAt)];
  await connection.query(
    `INSERT INTO erased_run (digest, tenant, erasure, erased_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) ON CONFLICT DO NOTHING`,
    [...columns, ...more],
  );
}

// digestOf, by Postgres.
const DIGEST = `encode(sha256(convert_to(tenant, 'UTF8') || '\\x00'::bytea || convert_to(run, 'UTF8')), 'hex')`;

const COME_BACK = `
  SELECT tenant, run, min(shard) AS shard FROM (
    SELECT tenant, run, shard FROM run UNION SELECT tenant, run, shard FROM session_run
    UNION SELECT tenant, run, shard FROM dead_letter WHERE tenant IS NOT NULL AND run IS NOT NULL
  ) AS known WHERE ${DIGEST} IN (SELECT digest FROM erased_run) GROUP BY tenant, run`;

async function askAgain(connection: Connection, what: Omit<PendingErasure, 'id'>): Promise<PendingErasure> {
  const { tenant, shard, kind, subject } = what;
  const digest = digestOf(tenant, subject);
  const actor = 'runcast restore';
  const { rows } = await connection.query<{ id: string }>(ASK_AGAIN, [
    ...[randomUUID(), tenant, shard, kind, subject, digest, actor],
  ]);
  const { id } = rows[0]!;
  const act = { tenant, actor, action: 'erasure.requested', subject: `${kind} sha256:${digest}` };
  await appendAct(connection, { ...act, details: { erasure: id, reason: 'erased after the backup was taken' } });
  return { id, tenant, shard, kind, subject };
}

const ASK_AGAIN = `
  INSERT INTO erasure (id, tenant, shard, kind, subject, subject_digest, requested_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (tenant, kind, subject_digest) WHERE completed_at IS NULL DO UPDATE SET sent_again = true
  RETURNING id`;
