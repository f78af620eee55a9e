import { asTenant } from './as-tenant.ts';
import type { Level, RecordedEvent, RunState, RunStatus, Timestamp } from '@runcast/run-events';
import { columnNames } from './columns.ts';
import type { Database } from './database.ts';
import { EVENT_SELECT, eventFromRow, type EventRow } from './event-rows.ts';
import {
  RUN_COLUMNS,
  RUN_SUMMARY_COLUMNS,
  runFromRow,
  runSummaryFromRow,
  type RunRow,
  type RunSummary,
  type RunSummaryRow,
} from './run-rows.ts';
import { conditions } from './conditions.ts';

/** One page and where the next begins; `next` is absent on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: number;
}

export interface RunFilter {
  readonly tenant: string;
  readonly status?: RunStatus;
  readonly agent?: string;
  /** Runs that have joined this session. */
  readonly session?: string;
  /** Bounds of startedAt, both exclusive. */
  readonly startedAfter?: Timestamp;
  readonly startedBefore?: Timestamp;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: number;
}

/**
 * Runs, newest first.
 *
 * The order is that of each run's first event in the log: it never changes, so a run that goes on, starts again or is
 * linked late neither moves between pages nor is shown twice. `startedAt` would: a second attempt moves it.
 */
export async function listRuns(database: Database, filter: RunFilter): Promise<Page<RunSummary>> {
  const where = conditions({
    'r.tenant =': filter.tenant,
    'r.status =': filter.status,
    'r.agent =': filter.agent,
    'r.started_at >': filter.startedAfter,
    'r.started_at <': filter.startedBefore,
    'r.first_sequence <': filter.after,
    's.session =': filter.session,
  });
  const link = filter.session === undefined ? '' : 'JOIN session_run s ON s.tenant = r.tenant AND s.run = r.run';
  const { rows } = await asTenant(database, filter.tenant).query<RunSummaryRow>(
    `SELECT ${columnNames(RUN_SUMMARY_COLUMNS, 'r.')} FROM run r ${link}
     WHERE ${where.sql} ORDER BY r.first_sequence DESC LIMIT ${where.parameter(filter.limit + 1)}`,
    where.values,
  );
  return page(rows.map(runSummaryFromRow), filter.limit, (run) => run.firstSequence);
}

export async function getRun(database: Database, key: { tenant: string; run: string }): Promise<RunState | undefined> {
  const { rows } = await asTenant(database, key.tenant).query<RunRow>(
    `SELECT ${columnNames(RUN_COLUMNS)} FROM run WHERE tenant = $1 AND run = $2`,
    [key.tenant, key.run],
  );
  return rows[0] && runFromRow(rows[0]);
}

/** Those of the named runs that are there, in no order. */
export async function listNamedRuns(
  database: Database,
  { tenant, runs }: { readonly tenant: string; readonly runs: readonly string[] },
): Promise<readonly RunSummary[]> {
  const { rows } = await asTenant(database, tenant).query<RunSummaryRow>(
    `SELECT ${columnNames(RUN_SUMMARY_COLUMNS)} FROM run WHERE tenant = $1 AND run = ANY ($2)`,
    [tenant, runs],
  );
  return rows.map(runSummaryFromRow);
}

export interface EventFilter {
  readonly limit: number;
  /** Events after this sequence: `next` of the page before, or the sequence of any position. */
  readonly after?: number;
  /** Events up to and including this sequence. */
  readonly upTo?: number;
  readonly types?: readonly string[];
  readonly levels?: readonly Level[];
}

/** The events of one run in log order. */
export async function listRunEvents(
  database: Database,
  filter: EventFilter & { readonly tenant: string; readonly run: string },
): Promise<Page<RecordedEvent>> {
  const where = conditions({
    'e.tenant =': filter.tenant,
    'e.run =': filter.run,
    'e.sequence >': filter.after,
    'e.sequence <=': filter.upTo,
    'e.type = ANY': filter.types,
    'e.level = ANY': filter.levels,
  });
  const { rows } = await asTenant(database, filter.tenant).query<EventRow>(
    `SELECT ${EVENT_SELECT} FROM event e JOIN projection p USING (shard)
     WHERE ${where.sql} AND e.expires_on = ${IN_PARTITION} ORDER BY e.sequence LIMIT ${where.parameter(filter.limit + 1)}`,
    where.values,
  );
  return page(rows.map(eventFromRow), filter.limit, (event) => event.position.sequence);
}

// Finds the run's partition first: without it every partition's index would be searched.
const IN_PARTITION = '(SELECT r.expires_on FROM run AS r WHERE r.tenant = $1 AND r.run = $2)';

/** The agents that have shown themselves in any run of the tenant, by name. */
export async function listAgents(
  database: Database,
  filter: { readonly tenant: string; readonly limit: number; readonly after?: string },
): Promise<{ readonly items: readonly string[]; readonly next?: string }> {
  const { rows } = await asTenant(database, filter.tenant).query<{ agent: string }>(NEXT_AGENTS, [
    filter.tenant,
    filter.after ?? '',
    filter.limit + 1,
  ]);
  const agents = rows.map(({ agent }) => agent);
  const items = agents.slice(0, filter.limit);
  return agents.length > filter.limit ? { items, next: items.at(-1)! } : { items };
}

// From each agent jumps to the next one in the index: DISTINCT would read every run of the tenant.
const NEXT_AGENTS = `
  WITH RECURSIVE known AS (
    SELECT min(agent) AS agent, 1 AS place FROM run WHERE tenant = $1 AND agent > $2
    UNION ALL
    SELECT (SELECT min(agent) FROM run WHERE tenant = $1 AND agent > known.agent), place + 1
    FROM known WHERE known.agent IS NOT NULL AND place < $3
  )
  SELECT agent FROM known WHERE agent IS NOT NULL`;

/** Cuts the one item that was read beyond the page, to know whether there is a next. */
export function page<Item>(items: Item[], limit: number, cursor: (item: Item) => number): Page<Item> {
  if (items.length <= limit) return { items };
  const shown = items.slice(0, limit);
  return { items: shown, next: cursor(shown.at(-1)!) };
}
