import type { DialectName, JsonObject, Level, RecordedEvent } from '@runcast/run-events';
import { bulkInsert, columnNames, statement, type Column } from './columns.ts';
import { copyInto, copyRows, copyText } from './copy-rows.ts';
import type { Connection } from './database.ts';
import type { ExpiryDay } from './expiry.ts';
import { storableJson, storableText } from './storable-text.ts';

export const EVENT_COLUMNS: readonly Column<RecordedEvent>[] = [
  { name: 'tenant', type: 'text', value: (event) => event.tenant },
  { name: 'run', type: 'text', value: (event) => event.run },
  { name: 'id', type: 'text', value: (event) => event.id },
  { name: 'session', type: 'text', nullable: true, value: (event) => event.session ?? null },
  { name: 'agent', type: 'text', nullable: true, value: (event) => event.agent ?? null },
  { name: 'flow', type: 'text', nullable: true, value: (event) => event.flow ?? null },
  { name: 'type', type: 'text', value: (event) => storableText(event.type) },
  { name: 'level', type: 'text', value: (event) => event.level },
  { name: 'dialect', type: 'text', value: (event) => event.dialect },
  { name: 'occurred_at', type: 'timestamp with time zone', value: (event) => event.occurredAt },
  { name: 'received_at', type: 'timestamp with time zone', value: (event) => event.receivedAt },
  // The epoch is not repeated in every row: all rows of a shard are of the epoch in its `projection` row.
  { name: 'shard', type: 'integer', value: (event) => event.position.shard },
  { name: 'sequence', type: 'bigint', value: (event) => event.position.sequence },
  { name: 'data', type: 'jsonb', value: (event) => storableJson(event.data) },
  { name: 'raw', type: 'text', value: (event) => storableText(event.raw) },
  {
    name: 'redacted',
    type: 'jsonb',
    nullable: true,
    value: (event) => (event.redacted === undefined ? null : storableJson(event.redacted)),
  },
];

/** An event and the day of its run: all events of a run have the same, so that a key with it is as unique as without. */
export interface PlacedEvent {
  readonly event: RecordedEvent;
  readonly expiresOn: ExpiryDay;
}

/** What `event` holds: what the log says, and the partition it was put into, which the tenant's retention decides. */
export const PLACED_EVENT_COLUMNS: readonly Column<PlacedEvent>[] = [
  ...EVENT_COLUMNS.map((column): Column<PlacedEvent> => ({ ...column, value: ({ event }) => column.value(event) })),
  { name: 'expires_on', type: 'date', value: ({ expiresOn }) => expiresOn },
];

const COPY_EVENTS = copyInto('event', PLACED_EVENT_COLUMNS);

/** Events as {@link copyEvents} takes them. */
export function eventText(events: readonly PlacedEvent[]): Buffer {
  return copyText(PLACED_EVENT_COLUMNS, events);
}

/** Stores events of which none is there yet, at half the price of {@link insertEvents}; a unique violation when one is. */
export async function copyEvents(connection: Connection, parts: readonly Buffer[]): Promise<void> {
  if (parts.length > 0) await copyRows(connection, COPY_EVENTS, parts);
}

const INSERT_EVENTS = bulkInsert(
  'event',
  PLACED_EVENT_COLUMNS,
  'ON CONFLICT (tenant, run, id, expires_on) DO NOTHING RETURNING sequence',
);

/** Stores the events that are not there yet. Returns the sequences of those: the others were delivered before. */
export async function insertEvents(connection: Connection, events: readonly PlacedEvent[]): Promise<Set<number>> {
  const sequences = new Set<number>();
  for (const insert of statement('insert-events', INSERT_EVENTS, PLACED_EVENT_COLUMNS, events)) {
    const { rows } = await connection.query<{ sequence: number }>(insert);
    for (const { sequence } of rows) sequences.add(sequence);
  }
  return sequences;
}

/** The select list of {@link eventFromRow}, over `event AS e JOIN projection AS p USING (shard)`. */
export const EVENT_SELECT = `${columnNames(EVENT_COLUMNS, 'e.')}, p.epoch`;

export interface EventRow {
  tenant: string;
  run: string;
  id: string;
  session: string | null;
  agent: string | null;
  flow: string | null;
  type: string;
  level: Level;
  dialect: DialectName;
  occurred_at: string;
  received_at: string;
  shard: number;
  sequence: number;
  data: JsonObject;
  raw: string;
  redacted: string[] | null;
  epoch: string;
}

export function eventFromRow(row: EventRow): RecordedEvent {
  return {
    id: row.id,
    tenant: row.tenant,
    run: row.run,
    ...(row.session !== null && { session: row.session }),
    ...(row.agent !== null && { agent: row.agent }),
    ...(row.flow !== null && { flow: row.flow }),
    type: row.type,
    level: row.level,
    occurredAt: row.occurred_at,
    dialect: row.dialect,
    data: row.data,
    raw: row.raw,
    ...(row.redacted !== null && { redacted: row.redacted }),
    position: { shard: row.shard, epoch: row.epoch, sequence: row.sequence },
    receivedAt: row.received_at,
  };
}
