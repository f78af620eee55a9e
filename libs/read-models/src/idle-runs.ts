import type { Timestamp } from '@runcast/run-events';
import type { Database } from './database.ts';

/** How long a run may be silent, in milliseconds. */
export interface IdleLimits {
  readonly runningMs: number;
  /** People answer more slowly than agents. */
  readonly waitingMs: number;
}

/** A time in which the log heard nobody at all, which is no run's fault. */
export interface Silence {
  readonly until: Timestamp;
  readonly ms: number;
}

export interface IdleQuery {
  readonly shard: number;
  /** The log's time. */
  readonly now: Timestamp;
  /** For agents without limits of their own. */
  readonly limits: IdleLimits;
  /** Of these, those since a run's last word are added to its limit, together at most `allowanceMs`. */
  readonly silences: readonly Silence[];
  readonly allowanceMs: number;
  readonly atMost: number;
}

/** A run that has been silent beyond its limit. */
export interface IdleRun {
  readonly tenant: string;
  readonly run: string;
  readonly session?: string;
  readonly agent?: string;
  readonly flow?: string;
  readonly lastSequence: number;
  readonly lastActivityAt: Timestamp;
  readonly limitMs: number;
}

/** The open runs of a shard that have been silent beyond their limits, the longest silent first. */
export async function findIdleRuns(database: Database, query: IdleQuery): Promise<IdleRun[]> {
  const { shard, now, limits, silences, allowanceMs, atMost } = query;
  const { rows } = await database.query<IdleRow>(FIND, [
    shard,
    now,
    limits.runningMs,
    limits.waitingMs,
    silences.map(({ until }) => until),
    silences.map(({ ms }) => ms),
    allowanceMs,
    atMost,
  ]);
  return rows.map(idleRunFromRow);
}

const FIND = `
  SELECT tenant, run, session, agent, flow, last_sequence, last_activity_at, limit_ms
  FROM (
    SELECT r.*, CASE r.status WHEN 'running' THEN coalesce(l.running_ms, $3) ELSE coalesce(l.waiting_ms, $4) END AS limit_ms
    FROM run AS r LEFT JOIN agent_limit AS l ON l.tenant = r.tenant AND l.agent = r.agent
    WHERE r.shard = $1 AND r.status IN ('running', 'waiting_for_input')
  ) AS open
  WHERE last_activity_at < $2::timestamptz - interval '1 millisecond' * (
    limit_ms + least($7::bigint, (
      SELECT coalesce(sum(ms), 0) FROM unnest($5::timestamptz[], $6::bigint[]) AS silence (until, ms)
      WHERE until > last_activity_at
    ))
  )
  ORDER BY last_activity_at LIMIT $8`;

interface IdleRow {
  tenant: string;
  run: string;
  session: string | null;
  agent: string | null;
  flow: string | null;
  last_sequence: number;
  last_activity_at: Timestamp;
  limit_ms: number;
}

function idleRunFromRow(row: IdleRow): IdleRun {
  return {
    tenant: row.tenant,
    run: row.run,
    ...(row.session !== null && { session: row.session }),
    ...(row.agent !== null && { agent: row.agent }),
    ...(row.flow !== null && { flow: row.flow }),
    lastSequence: row.last_sequence,
    lastActivityAt: row.last_activity_at,
    limitMs: row.limit_ms,
  };
}

/** Gives an agent limits of its own; one that is left out is the default again. */
export async function limitAgent(
  database: Database,
  agent: { readonly tenant: string; readonly agent: string } & Partial<IdleLimits>,
): Promise<void> {
  await database.query(
    `INSERT INTO agent_limit (tenant, agent, running_ms, waiting_ms) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant, agent) DO UPDATE SET running_ms = excluded.running_ms, waiting_ms = excluded.waiting_ms`,
    [agent.tenant, agent.agent, agent.runningMs ?? null, agent.waitingMs ?? null],
  );
}
