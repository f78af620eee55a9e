import { asTenant } from './as-tenant.ts';
import type { RunStatus, Timestamp } from '@runcast/run-events';
import type { Database } from './database.ts';
import { listAgents } from './run-queries.ts';

/** How an agent's newest runs went. */
export interface AgentSummary {
  readonly agent: string;
  /** How many runs the figures are of: its newest, {@link RUNS_PER_AGENT} at most. */
  readonly runCount: number;
  readonly byStatus: Readonly<Record<RunStatus, number>>;
  readonly totalTokens: number;
  readonly costUsd: number;
  /** Half of the runs that are over took longer. */
  readonly medianDurationMs?: number;
  readonly lastEventAt: Timestamp;
}

export const RUNS_PER_AGENT = 500;

/** The tenant's agents by name, each with its newest runs summed up. `next` is the name after which to go on. */
export async function listAgentSummaries(
  database: Database,
  filter: { readonly tenant: string; readonly limit: number; readonly after?: string },
): Promise<{ readonly items: readonly AgentSummary[]; readonly next?: string }> {
  const { items: agents, next } = await listAgents(database, filter);
  const { rows } = await asTenant(database, filter.tenant).query<SummaryRow>(SUM_UP, [
    filter.tenant,
    agents,
    RUNS_PER_AGENT,
  ]);
  return { items: rows.map(summaryFromRow), ...(next !== undefined && { next }) };
}

interface SummaryRow {
  readonly agent: string;
  readonly run_count: number;
  readonly running: number;
  readonly waiting_for_input: number;
  readonly success: number;
  readonly error: number;
  readonly total_tokens: number;
  readonly cost_usd: number;
  readonly median_ms: number | null;
  readonly last_event_at: Timestamp;
}

function summaryFromRow(row: SummaryRow): AgentSummary {
  const { running, waiting_for_input, success, error } = row;
  return {
    agent: row.agent,
    runCount: row.run_count,
    byStatus: { running, waiting_for_input, success, error },
    totalTokens: row.total_tokens,
    costUsd: row.cost_usd,
    ...(row.median_ms !== null && { medianDurationMs: Math.round(row.median_ms) }),
    lastEventAt: row.last_event_at,
  };
}

const SUM_UP = `
  SELECT named.agent, summed.* FROM unnest($2::text[]) AS named (agent)
  CROSS JOIN LATERAL (
    SELECT count(*) AS run_count,
      count(*) FILTER (WHERE status = 'running') AS running,
      count(*) FILTER (WHERE status = 'waiting_for_input') AS waiting_for_input,
      count(*) FILTER (WHERE status = 'success') AS success,
      count(*) FILTER (WHERE status = 'error') AS error,
      sum(total_tokens)::bigint AS total_tokens, sum(cost_usd) AS cost_usd, max(last_event_at) AS last_event_at,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - started_at)::float8 * 1000) AS median_ms
    FROM (
      SELECT status, total_tokens, cost_usd, last_event_at, started_at, ended_at FROM run
      WHERE run.tenant = $1 AND run.agent = named.agent ORDER BY first_sequence DESC LIMIT $3
    ) AS newest
  ) AS summed
  ORDER BY named.agent COLLATE "C"`;
