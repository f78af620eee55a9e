import { asTenant } from './as-tenant.ts';
import type { RecordedEvent } from '@runcast/run-events';
import type { Database } from './database.ts';
import { EVENT_SELECT, eventFromRow, type EventRow } from './event-rows.ts';

/** What a run asked people last, and what it was answered. */
export interface NewestQuestion {
  readonly asked: RecordedEvent;
  readonly answered?: RecordedEvent;
}

export async function getNewestQuestion(
  database: Database,
  { tenant, run }: { readonly tenant: string; readonly run: string },
): Promise<NewestQuestion | undefined> {
  const { rows } = await asTenant(database, tenant).query<EventRow>(FIND_QUESTION, [tenant, run]);
  const [asked, answered] = rows.map(eventFromRow);
  if (asked === undefined) return undefined;
  return answered === undefined ? { asked } : { asked, answered };
}

// The newest question, and the first answer behind it: later ones, from agents that tell it once more, change nothing.
const FIND_QUESTION = `
  WITH place AS (SELECT expires_on FROM run WHERE tenant = $1 AND run = $2),
  asked AS (
    SELECT sequence FROM event
    WHERE tenant = $1 AND run = $2 AND expires_on = (SELECT expires_on FROM place) AND type = 'human-input.requested'
    ORDER BY sequence DESC LIMIT 1
  ), answered AS (
    SELECT sequence FROM event
    WHERE tenant = $1 AND run = $2 AND expires_on = (SELECT expires_on FROM place) AND type = 'human-input.received'
      AND sequence > (SELECT sequence FROM asked)
    ORDER BY sequence LIMIT 1
  )
  SELECT ${EVENT_SELECT} FROM event AS e JOIN projection AS p USING (shard)
  WHERE e.tenant = $1 AND e.run = $2 AND e.expires_on = (SELECT expires_on FROM place)
    AND e.sequence IN (SELECT sequence FROM asked UNION ALL SELECT sequence FROM answered)
  ORDER BY e.sequence`;
