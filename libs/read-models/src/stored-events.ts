import { asTenant } from './as-tenant.ts';
import type { Database } from './database.ts';

export interface EventKey {
  readonly run: string;
  readonly id: string;
}

/** An event that the tables already have. */
export interface StoredEvent extends EventKey {
  readonly sequence: number;
  /** The text it came in as: tells a repetition from another event under the same id. */
  readonly raw: string;
}

/** Those of the keys that the tables have, in no order. One round trip, one look into the primary key for each. */
export async function findStoredEvents(
  database: Database,
  tenant: string,
  keys: readonly EventKey[],
): Promise<StoredEvent[]> {
  const { rows } = await asTenant(database, tenant).query<StoredEvent>(FIND, [
    tenant,
    keys.map(({ run }) => run),
    keys.map(({ id }) => id),
  ]);
  return rows;
}

const FIND = `
  SELECT e.run, e.id, e.sequence, e.raw
  FROM unnest($2::text[], $3::text[]) AS wanted (run, id)
  JOIN run AS r ON r.tenant = $1 AND r.run = wanted.run
  JOIN event AS e ON e.tenant = $1 AND e.run = wanted.run AND e.id = wanted.id AND e.expires_on = r.expires_on`;
