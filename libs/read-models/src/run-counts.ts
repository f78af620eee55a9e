import { asTenant } from './as-tenant.ts';
import type { RunStatus } from '@runcast/run-events';
import type { Database } from './database.ts';

export interface RunCountsRequest {
  readonly tenant: string;
  /** Runs that began after this moment. */
  readonly sinceMs: number;
  readonly bucketMs: number;
}

export interface RunCounts {
  /** Each bucket in which a run began, and how many of them have which status now. */
  readonly buckets: readonly {
    readonly fromMs: number;
    readonly counts: Readonly<Partial<Record<RunStatus, number>>>;
  }[];
  /** Whether there were more runs than are looked at: the oldest buckets are then too low. */
  readonly isCut: boolean;
}

/** The newest runs that are looked at: a tenant with millions an hour gets the newest part of its picture, at once. */
export const RUNS_COUNTED = 20_000;

/** How many runs began when, by the status that they have now. */
export async function countRuns(
  database: Database,
  { tenant, sinceMs, bucketMs }: RunCountsRequest,
  lookAt = RUNS_COUNTED,
): Promise<RunCounts> {
  const { rows } = await asTenant(database, tenant).query<{
    bucket: number;
    status: RunStatus;
    count: number;
    looked_at: number;
  }>(COUNT_RUNS, [tenant, lookAt, sinceMs, bucketMs]);
  const buckets = new Map<number, Partial<Record<RunStatus, number>>>();
  for (const { bucket, status, count } of rows) {
    buckets.set(bucket, { ...buckets.get(bucket), [status]: count });
  }
  return {
    buckets: [...buckets].map(([bucket, counts]) => ({ fromMs: sinceMs + bucket * bucketMs, counts })),
    isCut: (rows[0]?.looked_at ?? 0) === lookAt,
  };
}

const COUNT_RUNS = `
  WITH looked AS (
    SELECT status, extract(epoch FROM started_at) * 1000 AS started_ms
    FROM run WHERE tenant = $1 ORDER BY first_sequence DESC LIMIT $2
  )
  SELECT floor((started_ms - $3::float8) / $4::float8)::int AS bucket, status, count(*) AS count,
    (SELECT count(*) FROM looked) AS looked_at
  FROM looked WHERE started_ms >= $3::float8
  GROUP BY 1, 2 ORDER BY 1`;
