import { bulkInsert, columnArrays, type Column } from './columns.ts';
import type { Connection, Database } from './database.ts';
import { positionOf, type LogEntry } from './log-entry.ts';
import { storableText } from './storable-text.ts';

/** A log record that the tables could not take, and why. Its place in the log is kept; the record itself stays there. */
interface DeadLetter {
  readonly entry: LogEntry;
  readonly reason: string;
}

const MAX_REASON = 1_000;
const PARTITION = /"event_(kept|unplaced|\d{4}_\d\d_\d\d)"/;

export const DEAD_LETTER_COLUMNS: readonly Column<DeadLetter>[] = [
  { name: 'shard', type: 'integer', value: ({ entry }) => positionOf(entry).shard },
  { name: 'sequence', type: 'bigint', value: ({ entry }) => positionOf(entry).sequence },
  { name: 'kind', type: 'text', value: ({ entry }) => entry.kind },
  { name: 'tenant', type: 'text', nullable: true, value: ({ entry }) => text(recordOf(entry)?.tenant) },
  { name: 'run', type: 'text', nullable: true, value: ({ entry }) => text(recordOf(entry)?.run) },
  {
    name: 'subject',
    type: 'text',
    nullable: true,
    value: ({ entry }) => (entry.kind === 'unreadable' ? text(entry.subject) : null),
  },
  { name: 'reason', type: 'text', value: ({ reason }) => storableText(reason).slice(0, MAX_REASON) },
  { name: 'bytes', type: 'bytea', value: ({ entry }) => `\\x${bytesOf(entry).toString('hex')}` },
];

const INSERT_DEAD_LETTERS = bulkInsert('dead_letter', DEAD_LETTER_COLUMNS, 'ON CONFLICT (shard, sequence) DO NOTHING');

/** Parks an entry that Postgres or a fold refused. */
export async function parkRefused(connection: Connection, entry: LogEntry, cause: unknown): Promise<void> {
  // The partition depends on the tenant's retention; what is parked must follow from the log alone.
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(PARTITION, '"event"');
  await park(connection, [{ entry, reason }]);
}

/** Parks the entries of a batch that could not be decoded. */
export async function parkUnreadable(connection: Connection, entries: readonly LogEntry[]): Promise<void> {
  await park(
    connection,
    entries.flatMap((entry) => (entry.kind === 'unreadable' ? [{ entry, reason: entry.reason }] : [])),
  );
}

async function park(connection: Connection, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length > 0) await connection.query(INSERT_DEAD_LETTERS, columnArrays(DEAD_LETTER_COLUMNS, letters));
}

/** How many records of a shard are parked: anything above 0 is worth an operator's look. */
export async function countDeadLetters(database: Database, shard: number): Promise<number> {
  const sql = 'SELECT count(*) AS count FROM dead_letter WHERE shard = $1';
  return (await database.query<{ count: number }>(sql, [shard])).rows[0]!.count;
}

function recordOf(entry: LogEntry): { tenant: string; run: string } | undefined {
  switch (entry.kind) {
    case 'event':
      return entry.event;
    case 'link':
      return entry.link;
    case 'unreadable':
      return undefined;
  }
}

function bytesOf(entry: LogEntry): Buffer {
  switch (entry.kind) {
    case 'event':
      return Buffer.from(entry.event.raw);
    case 'link':
      return Buffer.from(JSON.stringify(entry.link));
    case 'unreadable':
      return Buffer.from(entry.bytes);
  }
}

function text(value: string | undefined): string | null {
  return value === undefined ? null : storableText(value);
}
