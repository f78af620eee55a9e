import { createHash } from 'node:crypto';
import type { Connection } from '../database.ts';
import type { RunKey } from '../run-rows.ts';

/** How something that was erased is remembered: its ids may themselves be what had to go. */
export function digestOf(tenant: string, id: string): string {
  // Ids hold no NUL, so the join is injective.
  return createHash('sha256').update(`${tenant}\u0000${id}`).digest('hex');
}

/** Those of the runs that have been erased. What is still to come of them is not taken. */
export async function findErased(connection: Connection, runs: readonly RunKey[]): Promise<RunKey[]> {
  if (runs.length === 0) return [];
  const byDigest = new Map(runs.map((key) => [digestOf(key.tenant, key.run), key]));
  const { rows } = await connection.query<{ digest: string }>('SELECT digest FROM erased_run WHERE digest = ANY ($1)', [
    [...byDigest.keys()],
  ]);
  return rows.map(({ digest }) => byDigest.get(digest)!);
}

/**
 * Has what came of erased runs erased again, from the log. An erasure of the run that is not complete yet must look once
 * more.
 */
export async function eraseAgain(connection: Connection, shard: number, runs: readonly RunKey[]): Promise<void> {
  for (const { tenant, run } of runs) {
    await connection.query(AGAIN, [crypto.randomUUID(), tenant, shard, run, digestOf(tenant, run)]);
  }
}

const AGAIN = `
  INSERT INTO erasure (id, tenant, shard, kind, subject, subject_digest, requested_by)
  VALUES ($1, $2, $3, 'run', $4, $5, 'runcast: sent again after it was erased')
  ON CONFLICT (tenant, kind, subject_digest) WHERE completed_at IS NULL DO UPDATE SET sent_again = true`;
