import type { Database } from './database.ts';

/** Who projects a shard and how far its tables have come, as Postgres has it: true also when that process is frozen. */
export interface ProjectionStanding {
  readonly shard: number;
  readonly holder?: string;
  /** Below 0: its holder has fallen silent, anybody may take over. */
  readonly leaseLeftMs?: number;
  readonly epoch?: string;
  readonly sequence: number;
}

export async function listProjectionStandings(database: Database): Promise<ProjectionStanding[]> {
  const { rows } = await database.query<StandingRow>(`
    SELECT shard, holder, epoch, sequence,
      round(extract(epoch FROM lease_until - clock_timestamp()) * 1000)::bigint AS lease_left_ms
    FROM projection ORDER BY shard`);
  return rows.map(({ shard, holder, lease_left_ms, epoch, sequence }) => ({
    shard,
    ...(holder !== null && { holder }),
    ...(lease_left_ms !== null && { leaseLeftMs: lease_left_ms }),
    ...(epoch !== null && { epoch }),
    sequence,
  }));
}

interface StandingRow {
  shard: number;
  holder: string | null;
  lease_left_ms: number | null;
  epoch: string | null;
  sequence: number;
}
