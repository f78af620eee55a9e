import { asTenant } from './as-tenant.ts';
import type { Level, RecordedEvent } from '@runcast/run-events';
import { columnNames } from './columns.ts';
import { conditions } from './conditions.ts';
import type { Database } from './database.ts';
import { EVENT_SELECT, eventFromRow, type EventRow } from './event-rows.ts';
import { listRuns, page, type Page } from './run-queries.ts';
import type { RunSummary } from './run-rows.ts';
import { SESSION_COLUMNS, sessionFromRow, type SessionRow } from './session-rows.ts';
import type { SessionState } from './session-state.ts';

export interface SessionFilter {
  readonly tenant: string;
  readonly agent?: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: number;
}

/** Sessions, newest first, by the first record of each in the log: like runs, they never move between pages. */
export async function listSessions(database: Database, filter: SessionFilter): Promise<Page<SessionState>> {
  const where = conditions({
    'tenant =': filter.tenant,
    'agent =': filter.agent,
    'first_sequence <': filter.after,
  });
  const { rows } = await asTenant(database, filter.tenant).query<SessionRow>(
    `SELECT ${columnNames(SESSION_COLUMNS)} FROM session
     WHERE ${where.sql} ORDER BY first_sequence DESC LIMIT ${where.parameter(filter.limit + 1)}`,
    where.values,
  );
  return page(rows.map(sessionFromRow), filter.limit, (session) => session.firstSequence);
}

export interface SessionKey {
  readonly tenant: string;
  readonly session: string;
}

/** The most runs that {@link getSession} shows; all of them are pages of listRuns with this session. */
export const MAX_SESSION_RUNS = 100;

/** A session and its newest runs. */
export async function getSession(
  database: Database,
  { tenant, session }: SessionKey,
): Promise<{ readonly session: SessionState; readonly runs: readonly RunSummary[] } | undefined> {
  const { rows } = await asTenant(database, tenant).query<SessionRow>(
    `SELECT ${columnNames(SESSION_COLUMNS)} FROM session WHERE tenant = $1 AND session = $2`,
    [tenant, session],
  );
  if (!rows[0]) return undefined;
  const runs = await listRuns(database, { tenant, session, limit: MAX_SESSION_RUNS });
  return { session: sessionFromRow(rows[0]), runs: runs.items };
}

export interface SessionEventFilter extends SessionKey {
  readonly limit: number;
  /** Events after this sequence. */
  readonly after?: number;
  /** Events up to and including this sequence. */
  readonly upTo?: number;
  readonly types?: readonly string[];
  readonly levels?: readonly Level[];
}

/** The events of a session in log order: of each of its runs, those that stand after the run's link. */
export async function listSessionEvents(database: Database, filter: SessionEventFilter): Promise<Page<RecordedEvent>> {
  const { tenant, session, after = 0, upTo, limit, types, levels } = filter;
  const values = [tenant, session, after, limit + 1, types, upTo, levels];
  const { rows } = await asTenant(database, tenant).query<EventRow>(LIST_EVENTS, values);
  return page(rows.map(eventFromRow), limit, (event) => event.position.sequence);
}

// Each run contributes at most one page of sequences; runs that ended before the cursor are not looked into at all.
// Whole events are fetched only for those that made it.
const IN_SESSION = `
  session_run AS link
  JOIN run USING (tenant, run)
  CROSS JOIN LATERAL (
    SELECT sequence FROM event AS e
    WHERE e.tenant = link.tenant AND e.run = link.run AND e.expires_on = run.expires_on
      AND e.sequence > greatest(link.linked_sequence, $3)
      AND ($5::text[] IS NULL OR e.type = ANY ($5)) AND ($6::bigint IS NULL OR e.sequence <= $6)
      AND ($7::text[] IS NULL OR e.level = ANY ($7))
    ORDER BY sequence LIMIT $4
  ) AS found
  WHERE link.tenant = $1 AND link.session = $2 AND run.last_sequence > $3`;

const LIST_EVENTS = `
  WITH chosen AS (SELECT link.run, run.expires_on, found.sequence FROM ${IN_SESSION} ORDER BY found.sequence LIMIT $4)
  SELECT ${EVENT_SELECT} FROM chosen
  JOIN event AS e ON e.tenant = $1 AND e.run = chosen.run AND e.sequence = chosen.sequence
    AND e.expires_on = chosen.expires_on
  JOIN projection AS p USING (shard)
  ORDER BY e.sequence`;

/** How many events a session has, counted up to `cap`; not `exact` when there are that many or more. */
export async function countSessionEvents(
  database: Database,
  filter: SessionKey & { readonly cap: number; readonly types?: readonly string[] },
): Promise<{ readonly count: number; readonly exact: boolean }> {
  const values = [filter.tenant, filter.session, 0, filter.cap, filter.types, null, null];
  const { rows } = await asTenant(database, filter.tenant).query<{ count: number }>(COUNT_EVENTS, values);
  const { count } = rows[0]!;
  return { count, exact: count < filter.cap };
}

const COUNT_EVENTS = `SELECT count(*) AS count FROM (SELECT 1 FROM ${IN_SESSION} LIMIT $4) AS counted`;
