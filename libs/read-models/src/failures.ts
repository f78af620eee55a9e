/**
 * What a failed statement says about the batch it carried.
 *
 * - `content`: Postgres will refuse these records for ever. They are parked.
 * - `infrastructure`: it may work next time. Retried for ever, never parked: parking for an outage would lose events.
 */
export type Failure = 'content' | 'infrastructure';

/** By the first two characters of the SQLSTATE. Whatever is not listed is infrastructure, the kind that loses nothing. */
const FAILURE_OF_CLASS: Readonly<Record<string, Failure>> = {
  '08': 'infrastructure', // connection exception
  '22': 'content', // data exception: a number, a time or an escape that no column can hold
  '23': 'content', // integrity constraint violation: a CHECK of the tables
  '25': 'infrastructure', // invalid transaction state, e.g. a standby that is read-only
  '40': 'infrastructure', // transaction rollback: serialization, deadlock
  '42': 'infrastructure', // tables missing: not migrated yet
  '53': 'infrastructure', // insufficient resources: disk full, too many connections
  '54': 'content', // program limit exceeded: nested too deep, too long for an index
  '55': 'infrastructure', // object not in prerequisite state: lock timeout
  '57': 'infrastructure', // operator intervention: shutdown, statement timeout, pg_terminate_backend
  '58': 'infrastructure', // system error
  XX: 'infrastructure', // internal error
};

/** A record that our own code cannot fold or spell, whatever the database does. */
export class UnfoldableEntryError extends Error {
  readonly code = 'unfoldable-entry';

  constructor(cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.name = 'UnfoldableEntryError';
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof UnfoldableEntryError) return 'content';
  const sqlState = (error as { code?: unknown } | undefined)?.code;
  if (typeof sqlState !== 'string' || !/^[0-9A-Z]{5}$/.test(sqlState)) return 'infrastructure';
  return FAILURE_OF_CLASS[sqlState.slice(0, 2)] ?? 'infrastructure';
}
