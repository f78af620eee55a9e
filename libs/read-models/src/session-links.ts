import { asTenant } from './as-tenant.ts';
import type { Database } from './database.ts';
import type { SessionKey } from './session-queries.ts';

/** A run that has joined a session; its events after the sequence belong to it. */
export interface JoinedRun {
  readonly run: string;
  readonly linkedSequence: number;
}

/** The runs of a session, in the order in which they joined. */
export async function listJoinedRuns(database: Database, { tenant, session }: SessionKey): Promise<JoinedRun[]> {
  const { rows } = await asTenant(database, tenant).query<{ run: string; linked_sequence: number }>(
    'SELECT run, linked_sequence FROM session_run WHERE tenant = $1 AND session = $2 ORDER BY linked_sequence',
    [tenant, session],
  );
  return rows.map(({ run, linked_sequence }) => ({ run, linkedSequence: linked_sequence }));
}
