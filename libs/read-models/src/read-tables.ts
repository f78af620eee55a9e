import { columnNames } from './columns.ts';
import type { Database } from './database.ts';
import { EVENT_SELECT, eventFromRow, type EventRow } from './event-rows.ts';
import type { LinkRow } from './link-rows.ts';
import { RUN_COLUMNS, runFromRow, type RunRow } from './run-rows.ts';
import { SESSION_COLUMNS, sessionFromRow, type SessionRow } from './session-rows.ts';

/** For specs: everything the tables hold and the position they claim, as of one instant. */
export async function readTables(database: Database) {
  const connection = await database.connect();
  try {
    await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const position = await connection.query<{ sequence: number }>('SELECT sequence FROM projection WHERE shard = 0');
    const events = await connection.query<EventRow>(
      `SELECT ${EVENT_SELECT} FROM event e JOIN projection p USING (shard) ORDER BY e.sequence`,
    );
    const links = await connection.query<LinkRow>('SELECT * FROM session_run ORDER BY linked_sequence');
    const runs = await connection.query<RunRow>(`SELECT ${columnNames(RUN_COLUMNS)} FROM run ORDER BY first_sequence`);
    const sessions = await connection.query<SessionRow>(
      `SELECT ${columnNames(SESSION_COLUMNS)} FROM session ORDER BY first_sequence`,
    );
    await connection.query('COMMIT');
    return {
      position: position.rows[0]?.sequence ?? 0,
      tables: {
        events: events.rows.map(eventFromRow),
        links: links.rows.map(({ run, session, linked_sequence }) => ({ run, session, sequence: linked_sequence })),
        runs: runs.rows.map(runFromRow),
        sessions: sessions.rows.map(sessionFromRow),
      },
    };
  } finally {
    connection.release();
  }
}

/** For specs: an empty, migrated state again, cheaper than a new database. */
export async function emptyTables(database: Database): Promise<void> {
  await database.query('TRUNCATE event, run, session, session_run, projection, dead_letter');
}
