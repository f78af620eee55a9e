import type { Timestamp } from '@runcast/run-events';
import type { Database } from './database.ts';
import { Projection } from './projection.ts';

export type ClaimOutcome =
  | { readonly outcome: 'claimed'; readonly projection: Projection }
  /** Somebody else has it: who, and until when at least (Postgres' clock). Both are absent in the moment of a handover. */
  | { readonly outcome: 'held'; readonly by: string | undefined; readonly until: Timestamp | undefined };

export interface ClaimRequest {
  readonly shard: number;
  /** Unique to the process: whoever claims under the same name takes its own lease over at once. */
  readonly holder: string;
  /** How long a silent holder keeps its claim. Every commit and every renewal starts it anew. */
  readonly leaseMs: number;
  /** Takes over from one that fell silent, and leaves a shard that was given back to others. */
  readonly leaveReleased?: boolean;
}

/** Claims the projection of a shard when it is free, run out, or the holder's own from before. */
export async function claimProjection(database: Database, request: ClaimRequest): Promise<ClaimOutcome> {
  const { shard, holder, leaseMs, leaveReleased = false } = request;
  await database.query('INSERT INTO projection (shard) VALUES ($1) ON CONFLICT DO NOTHING', [shard]);
  const claimed = await database.query<ClaimedRow>(CLAIM, [shard, holder, leaseMs, leaveReleased]);
  const row = claimed.rows[0];
  if (row) return { outcome: 'claimed', projection: claimedBy(database, request, row) };
  const held = await database.query<HeldRow>('SELECT holder, lease_until FROM projection WHERE shard = $1', [shard]);
  return { outcome: 'held', by: held.rows[0]?.holder ?? undefined, until: held.rows[0]?.lease_until ?? undefined };
}

/**
 * Takes the projection from whoever holds it: its holder's next write is fenced out, a transaction of it that is under
 * way comes first. For an operator's work on a whole shard; afterwards {@link Projection.release} lets a projector go on.
 */
export async function seizeProjection(database: Database, request: ClaimRequest): Promise<Projection> {
  const { shard, holder, leaseMs } = request;
  await database.query('INSERT INTO projection (shard) VALUES ($1) ON CONFLICT DO NOTHING', [shard]);
  const { rows } = await database.query<ClaimedRow>(SEIZE, [shard, holder, leaseMs]);
  return claimedBy(database, request, rows[0]!);
}

const SEIZE = `
  UPDATE projection
  SET holder = $2, fence = fence + 1, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
  WHERE shard = $1
  RETURNING fence, epoch, sequence, anchor`;

function claimedBy(database: Database, request: ClaimRequest, row: ClaimedRow): Projection {
  const stand = { epoch: row.epoch ?? undefined, anchor: row.anchor ?? undefined, sequence: row.sequence };
  return new Projection(database, { ...request, ...stand, fence: row.fence });
}

// SKIP LOCKED: a row that is locked is being committed at this moment, so it is held, whatever its lease says; waiting
// for it could take as long as its holder is frozen.
const CLAIM = `
  WITH free AS (
    SELECT shard FROM projection
    WHERE shard = $1 AND (holder = $2 OR lease_until < clock_timestamp() OR (holder IS NULL AND NOT $4))
    FOR UPDATE SKIP LOCKED
  )
  UPDATE projection AS p
  SET holder = $2, fence = p.fence + 1, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
  FROM free WHERE p.shard = free.shard
  RETURNING p.fence, p.epoch, p.sequence, p.anchor`;

interface ClaimedRow {
  fence: number;
  epoch: string | null;
  sequence: number;
  anchor: string | null;
}

interface HeldRow {
  holder: string | null;
  lease_until: Timestamp | null;
}

/** How far a shard's tables have come. `undefined` before its first record. */
export async function projectedPosition(
  database: Database,
  shard: number,
): Promise<{ epoch: string; sequence: number } | undefined> {
  const sql = 'SELECT epoch, sequence FROM projection WHERE shard = $1 AND epoch IS NOT NULL';
  return (await database.query<{ epoch: string; sequence: number }>(sql, [shard])).rows[0];
}
