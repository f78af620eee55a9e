import { asTenant } from './as-tenant.ts';
import type { RecordedEvent } from '@runcast/run-events';
import type { Database } from './database.ts';
import { EVENT_SELECT, eventFromRow, type EventRow } from './event-rows.ts';
import type { SessionKey } from './session-queries.ts';

/**
 * One event of a session by its id. Ids are unique within a run, so that two runs of a session may hold the same: the older
 * event is given.
 */
export async function getSessionEvent(
  database: Database,
  { tenant, session, id }: SessionKey & { readonly id: string },
): Promise<RecordedEvent | undefined> {
  const { rows } = await asTenant(database, tenant).query<EventRow>(FIND_EVENT, [tenant, session, id]);
  return rows[0] && eventFromRow(rows[0]);
}

// By the key of event, once for each run of the session.
const FIND_EVENT = `
  SELECT ${EVENT_SELECT} FROM session_run AS link
  JOIN run USING (tenant, run)
  JOIN event AS e ON e.tenant = link.tenant AND e.run = link.run AND e.id = $3 AND e.expires_on = run.expires_on
  JOIN projection AS p ON p.shard = e.shard
  WHERE link.tenant = $1 AND link.session = $2 AND e.sequence > link.linked_sequence
  ORDER BY e.sequence LIMIT 1`;
