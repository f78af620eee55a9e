import { randomUUID } from 'node:crypto';
import type { JsonObject, Timestamp } from '@runcast/run-events';
import { asTenant } from '../as-tenant.ts';
import { inTransaction, type Connection, type Database } from '../database.ts';
import { appendAct } from './audit-log.ts';
import { digestOf } from './erased-runs.ts';
import { heldRuns, lockErasures } from './legal-holds.ts';

export const ERASURE_KINDS = ['run', 'session', 'user'] as const;
/** `session`: every run that joined it. `user`: every run whose `run.started` names the user as `userId`. */
export type ErasureKind = (typeof ERASURE_KINDS)[number];

export interface ErasureRequest {
  readonly tenant: string;
  readonly shard: number;
  readonly kind: ErasureKind;
  /** The run's, session's or user's id. */
  readonly subject: string;
  readonly actor: string;
}

export interface Erasure {
  readonly id: string;
  readonly tenant: string;
  readonly kind: ErasureKind;
  /** SHA-256 of tenant, NUL and id, in hex: who asked can check it, nobody can read it. */
  readonly subjectDigest: string;
  readonly requestedAt: Timestamp;
  readonly requestedBy: string;
  /** Absent while it is under way. */
  readonly completedAt?: Timestamp;
  /** What was found and what is left of it; present once completed. */
  readonly receipt?: JsonObject;
}

export type RequestOutcome =
  | { readonly outcome: 'requested'; readonly id: string }
  /** Legal holds keep this many of the runs. Nothing was changed. */
  | { readonly outcome: 'held'; readonly runs: number };

/** Asks for an erasure, which the projector of the shard carries out. The same again while it is under way is the same. */
export function requestErasure(database: Database, request: ErasureRequest): Promise<RequestOutcome> {
  const { tenant, shard, kind, subject, actor } = request;
  return inTransaction(database, 'BEGIN', async (connection): Promise<RequestOutcome> => {
    await lockErasures(connection, tenant);
    const held = await heldBack(connection, request);
    if (held > 0) return { outcome: 'held', runs: held };
    const digest = digestOf(tenant, subject);
    const values = [randomUUID(), tenant, shard, kind, subject, digest, actor];
    const { rows } = await connection.query<{ id: string }>(REQUEST, values);
    const id = rows[0]!.id;
    const act = { tenant, actor, action: 'erasure.requested', subject: `${kind} sha256:${digest}` };
    await appendAct(connection, { ...act, details: { erasure: id } });
    return { outcome: 'requested', id };
  });
}

const REQUEST = `
  INSERT INTO erasure (id, tenant, shard, kind, subject, subject_digest, requested_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (tenant, kind, subject_digest) WHERE completed_at IS NULL DO UPDATE SET sent_again = true
  RETURNING id`;

async function heldBack(connection: Connection, request: ErasureRequest): Promise<number> {
  const { tenant, kind, subject } = request;
  const runs = await runsOf(connection, request);
  const held = await heldRuns(connection, tenant, runs);
  if (held.size > 0 || kind !== 'session') return held.size;
  const sql = `SELECT 1 FROM legal_hold WHERE tenant = $1 AND kind = 'session' AND subject = $2`;
  return (await connection.query(sql, [tenant, subject])).rowCount ?? 0;
}

/** The runs that an erasure is about, as far as the tables know them. */
export async function runsOf(
  connection: Pick<Connection, 'query'>,
  { tenant, kind, subject }: Pick<ErasureRequest, 'tenant' | 'kind' | 'subject'>,
): Promise<string[]> {
  if (kind === 'run') return [subject];
  const { rows } = await connection.query<{ run: string }>(kind === 'session' ? OF_SESSION : OF_USER, [
    tenant,
    subject,
  ]);
  return rows.map(({ run }) => run);
}

/** The sessions that any of these runs has joined. */
export async function sessionsOf(
  connection: Pick<Connection, 'query'>,
  { tenant, runs }: { readonly tenant: string; readonly runs: readonly string[] },
): Promise<string[]> {
  const sql = 'SELECT DISTINCT session FROM session_run WHERE tenant = $1 AND run = ANY ($2)';
  return (await connection.query<{ session: string }>(sql, [tenant, runs])).rows.map(({ session }) => session);
}

const OF_SESSION = 'SELECT run FROM session_run WHERE tenant = $1 AND session = $2';
const OF_USER = `
  SELECT DISTINCT run FROM event
  WHERE tenant = $1 AND type = 'run.started' AND data ->> 'userId' IS NOT NULL
    AND md5(data ->> 'userId') = md5($2) AND data ->> 'userId' = $2`;

export async function getErasure(
  database: Database,
  { tenant, id }: { readonly tenant: string; readonly id: string },
): Promise<Erasure | undefined> {
  const { rows } = await asTenant(database, tenant).query<ErasureRow>(`${SELECT} WHERE tenant = $1 AND id = $2`, [
    tenant,
    id,
  ]);
  return rows[0] && erasureFromRow(rows[0]);
}

const SELECT = `SELECT id, tenant, kind, subject_digest, requested_at, requested_by, completed_at, receipt FROM erasure`;

interface ErasureRow {
  id: string;
  tenant: string;
  kind: ErasureKind;
  subject_digest: string;
  requested_at: Timestamp;
  requested_by: string;
  completed_at: Timestamp | null;
  receipt: JsonObject | null;
}

function erasureFromRow(row: ErasureRow): Erasure {
  return {
    id: row.id,
    tenant: row.tenant,
    kind: row.kind,
    subjectDigest: row.subject_digest,
    requestedAt: row.requested_at,
    requestedBy: row.requested_by,
    ...(row.completed_at !== null && { completedAt: row.completed_at }),
    ...(row.receipt !== null && { receipt: row.receipt }),
  };
}

/** An erasure that is still to be carried out, with what it is about in plain text. */
export type PendingErasure = Pick<ErasureRequest, 'tenant' | 'shard' | 'kind' | 'subject'> & { readonly id: string };

/** The erasures of a shard that are still to be carried out, the oldest first. */
export async function pendingErasures(database: Database, shard: number): Promise<PendingErasure[]> {
  const { rows } = await database.query<PendingErasure>(
    `SELECT id, tenant, shard, kind, subject FROM erasure WHERE shard = $1 AND completed_at IS NULL
     ORDER BY requested_at LIMIT 100`,
    [shard],
  );
  return rows;
}

/** What an erasure is about: ids, kept until it is complete. */
export interface ErasureTargets {
  readonly runs: readonly string[];
  readonly sessions: readonly string[];
}

/**
 * The runs and sessions of an erasure, those of every attempt: once their rows are gone, nothing else would tell whoever
 * goes on after a crash.
 */
export function resolveTargets(database: Database, erasure: PendingErasure): Promise<ErasureTargets> {
  const { id, tenant } = erasure;
  return inTransaction(database, 'BEGIN', async (connection) => {
    const sql = 'SELECT targets FROM erasure WHERE id = $1 FOR UPDATE';
    const { rows } = await connection.query<{ targets: ErasureTargets | null }>(sql, [id]);
    const before = rows[0]?.targets;
    const runs = union(before?.runs, await runsOf(connection, erasure));
    const own = erasure.kind === 'session' ? [erasure.subject] : [];
    const sessions = union(before?.sessions, [...own, ...(await sessionsOf(connection, { tenant, runs }))]);
    await connection.query('UPDATE erasure SET targets = $2 WHERE id = $1', [id, { runs, sessions }]);
    return { runs, sessions };
  });
}

function union(before: readonly string[] = [], now: readonly string[]): string[] {
  return [...new Set([...before, ...now])];
}

/**
 * Closes an erasure with its receipt and forgets what it was about. `again` when something more of it has come in since
 * it was begun: it then starts over.
 */
export function completeErasure(
  database: Database,
  { id, tenant }: PendingErasure,
  receipt: JsonObject,
): Promise<'completed' | 'again'> {
  return inTransaction(database, 'BEGIN', async (connection) => {
    const { rows } = await connection.query<{ digest: string; kind: string }>(COMPLETE, [id, receipt]);
    if (rows[0]) {
      const subject = `${rows[0].kind} sha256:${rows[0].digest}`;
      const details = { erasure: id, receipt };
      await appendAct(connection, { tenant, actor: 'runcast', action: 'erasure.completed', subject, details });
      return 'completed';
    }
    await connection.query('UPDATE erasure SET sent_again = false WHERE id = $1', [id]);
    return 'again';
  });
}

const COMPLETE = `
  UPDATE erasure SET completed_at = clock_timestamp(), receipt = $2, subject = NULL, targets = NULL
  WHERE id = $1 AND completed_at IS NULL AND NOT sent_again RETURNING subject_digest AS digest, kind`;
