import { createHash } from 'node:crypto';
import type { JsonObject, Timestamp } from '@runcast/run-events';
import { asTenant } from '../as-tenant.ts';
import { inTransaction, type Connection, type Database } from '../database.ts';
import { page, type Page } from '../run-queries.ts';

/** What an administrator did. Never holds what somebody asked to forget: subjects of erasures are digests. */
export interface Act {
  /** Empty for what concerns the whole installation. */
  readonly tenant: string;
  /** An API key's id, or the command line's user. */
  readonly actor: string;
  /** A past fact, its domain first: `erasure.requested`. */
  readonly action: string;
  readonly subject: string;
  readonly details?: JsonObject;
}

export interface RecordedAct extends Required<Act> {
  /** Counts from 1 in each tenant, without a gap. */
  readonly number: number;
  readonly at: Timestamp;
  /** The hash of the act before; of the first, the empty text. */
  readonly previous: string;
  /** See {@link actHash}. */
  readonly hash: string;
}

/** Any number that nothing else in the database locks; with a tenant's hash it names one chain. */
const AUDIT_LOCK = 7_260_414;

/** Does something and records it, both or neither. Whoever does anything administrative goes through here. */
export function recordAct<T>(database: Database, act: Act, deed: (connection: Connection) => Promise<T>): Promise<T> {
  return inTransaction(database, 'BEGIN', async (connection) => {
    const value = await deed(connection);
    await appendAct(connection, act);
    return value;
  });
}

/** Within a transaction of the caller. The chain's lock is held to its end, so that numbers have no gap. */
export async function appendAct(connection: Connection, { details = {}, ...act }: Act): Promise<void> {
  await connection.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [AUDIT_LOCK, act.tenant]);
  const { rows } = await connection.query<LastRow>(LAST, [act.tenant]);
  const { number, hash: previous, at } = rows[0]!;
  const recorded = { ...act, details, number: number + 1, at, previous };
  await connection.query(
    `INSERT INTO audit_log (tenant, number, at, actor, action, subject, details, previous, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [act.tenant, recorded.number, at, act.actor, act.action, act.subject, details, previous, actHash(recorded)],
  );
}

interface LastRow {
  number: number;
  hash: string;
  at: Timestamp;
}

const LAST = `
  SELECT coalesce(number, 0) AS number, coalesce(hash, '') AS hash, clock_timestamp() AS at
  FROM (SELECT 1) AS always LEFT JOIN LATERAL (
    SELECT number, hash FROM audit_log WHERE tenant = $1 ORDER BY number DESC LIMIT 1
  ) AS last ON true`;

/** SHA-256 over the act and the hash before it: changing, dropping or swapping one breaks all that follow. */
export function actHash(act: Omit<RecordedAct, 'hash'>): string {
  const { tenant, number, at, actor, action, subject, details, previous } = act;
  const told = JSON.stringify([previous, tenant, number, at, actor, action, subject, sorted(details)]);
  return createHash('sha256').update(told).digest('hex');
}

/** jsonb does not keep the order of members. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return members.map(([name, member]) => [name, sorted(member)]);
}

/** The acts of a tenant, oldest first. */
export async function listActs(
  database: Database,
  filter: { readonly tenant: string; readonly limit: number; readonly after?: number },
): Promise<Page<RecordedAct>> {
  const { rows } = await asTenant(database, filter.tenant).query<RecordedAct>(
    `SELECT tenant, number, at, actor, action, subject, details, previous, hash FROM audit_log
     WHERE tenant = $1 AND number > $2 ORDER BY number LIMIT $3`,
    [filter.tenant, filter.after ?? 0, filter.limit + 1],
  );
  return page(rows, filter.limit, (act) => act.number);
}

/** The number of the first act that is not what was recorded, or `undefined`. */
export function brokenAt(acts: readonly RecordedAct[], before?: RecordedAct): number | undefined {
  let last = before;
  for (const act of acts) {
    const follows = act.number === (last?.number ?? 0) + 1 && act.previous === (last?.hash ?? '');
    if (!follows || actHash(act) !== act.hash) return act.number;
    last = act;
  }
  return undefined;
}
