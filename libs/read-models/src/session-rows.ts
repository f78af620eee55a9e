import { bulkInsert, columnNames, statement, type Column, type Statement } from './columns.ts';
import type { Connection } from './database.ts';
import type { SessionState } from './session-state.ts';

/** A session as its table has it: the shard tells whose rows a rebuild may replace. */
export type StoredSession = SessionState & { readonly shard: number };

export const SESSION_COLUMNS: readonly Column<StoredSession>[] = [
  { name: 'tenant', type: 'text', value: (state) => state.tenant },
  { name: 'session', type: 'text', value: (state) => state.session },
  { name: 'agent', type: 'text', nullable: true, value: (state) => state.agent ?? null },
  { name: 'run_count', type: 'integer', value: (state) => state.runCount },
  { name: 'event_count', type: 'integer', value: (state) => state.eventCount },
  {
    name: 'first_event_at',
    type: 'timestamp with time zone',
    nullable: true,
    value: (state) => state.firstEventAt ?? null,
  },
  {
    name: 'last_event_at',
    type: 'timestamp with time zone',
    nullable: true,
    value: (state) => state.lastEventAt ?? null,
  },
  {
    name: 'last_activity_at',
    type: 'timestamp with time zone',
    nullable: true,
    value: (state) => state.lastActivityAt ?? null,
  },
  { name: 'shard', type: 'integer', value: ({ shard }) => shard },
  { name: 'first_sequence', type: 'bigint', value: (state) => state.firstSequence },
  { name: 'last_sequence', type: 'bigint', value: (state) => state.lastSequence },
];

const ASSIGNMENTS = SESSION_COLUMNS.map(({ name }) => `${name} = excluded.${name}`).join(', ');
const UPSERT_SESSIONS = bulkInsert(
  'session',
  SESSION_COLUMNS,
  `ON CONFLICT (tenant, session) DO UPDATE SET ${ASSIGNMENTS}`,
);

/** What writes each of these sessions once. */
export function sessionStatements(states: readonly StoredSession[]): Statement[] {
  return statement('upsert-sessions', UPSERT_SESSIONS, SESSION_COLUMNS, states);
}

export interface SessionKey {
  readonly tenant: string;
  readonly session: string;
}

const LOAD_SESSIONS = `SELECT ${columnNames(SESSION_COLUMNS)} FROM session
  WHERE (tenant, session) IN (SELECT * FROM unnest($1::text[], $2::text[]))`;

/** The sessions of these that the table has. */
export async function loadSessions(connection: Connection, keys: readonly SessionKey[]): Promise<SessionState[]> {
  if (keys.length === 0) return [];
  const values = [keys.map(({ tenant }) => tenant), keys.map(({ session }) => session)];
  const { rows } = await connection.query<SessionRow>(LOAD_SESSIONS, values);
  return rows.map(sessionFromRow);
}

export interface SessionRow {
  tenant: string;
  session: string;
  agent: string | null;
  run_count: number;
  event_count: number;
  first_event_at: string | null;
  last_event_at: string | null;
  last_activity_at: string | null;
  first_sequence: number;
  last_sequence: number;
}

export function sessionFromRow(row: SessionRow): SessionState {
  return {
    tenant: row.tenant,
    session: row.session,
    agent: row.agent ?? undefined,
    runCount: row.run_count,
    eventCount: row.event_count,
    firstEventAt: row.first_event_at ?? undefined,
    lastEventAt: row.last_event_at ?? undefined,
    lastActivityAt: row.last_activity_at ?? undefined,
    firstSequence: row.first_sequence,
    lastSequence: row.last_sequence,
  };
}
