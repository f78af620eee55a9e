import pg from 'pg';
import { CommitRefusedError } from './errors.ts';
import { failureOf } from './failures.ts';

/** A bounded pool of connections that outlives restarts of Postgres. */
export type Database = pg.Pool;
export type Connection = pg.PoolClient;

export interface DatabaseOptions {
  readonly databaseUrl: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** The most connections this pool ever holds. Requests beyond it queue for at most {@link waitMs}. */
  readonly maxConnections?: number;
  /** How long to wait for a connection, and, unless `statementMs` says otherwise, for the answer to one statement. */
  readonly waitMs?: number;
  /** How long one statement may take: only for work on whole tables. */
  readonly statementMs?: number;
  /** The schema whose tables are meant; without it those that Postgres finds first. */
  readonly schema?: string;
  /** Told of connections that broke while nobody was using them. */
  readonly onError?: (error: Error) => void;
}

/**
 * Opens a pool. Nothing is connected until the first statement, so it never throws for an absent Postgres.
 * End it with `database.end()`.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const waitMs = options.waitMs ?? 10_000;
  const statementMs = options.statementMs ?? waitMs;
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    max: options.maxConnections ?? 4,
    connectionTimeoutMillis: waitMs,
    statement_timeout: statementMs,
    // A server that is frozen or behind a dead route answers nothing at all: give up on our side as well.
    query_timeout: statementMs + 2_000,
    // A process frozen inside a transaction would hold its row locks, and with them its shard, until it is killed.
    idle_in_transaction_session_timeout: statementMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    options: ['timezone=UTC', 'datestyle=ISO', ...searchPath(options)].map((setting) => `-c ${setting}`).join(' '),
    types: { getTypeParser },
    // Statements that are given to a connection together are sent together, each answered in its turn.
    pipeline: true,
  });
  const onError = options.onError ?? ignore;
  pool.on('error', onError);
  // A connection that breaks while it is checked out but between statements emits on the client alone; without a
  // listener that ends the process.
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

/**
 * Runs `work` in one transaction that `begin` opens. A connection that failed for any other reason than its content is
 * closed, never used again.
 */
export async function inTransaction<T>(
  database: Database,
  begin: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await database.connect();
  try {
    await connection.query(begin);
    const value = await work(connection);
    const { command } = await connection.query('COMMIT');
    if (command !== 'COMMIT') throw new CommitRefusedError(command);
    connection.release();
    return value;
  } catch (error) {
    connection.release(!(await rolledBack(connection, error)));
    throw error;
  }
}

/**
 * A transaction whose COMMIT does not wait for the disk. For what can be made again from the log only: a Postgres that
 * loses power may forget the last transactions, newest first and each as a whole.
 */
export function inReplayableTransaction<T>(
  database: Database,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  return inTransaction(database, 'BEGIN; SET LOCAL synchronous_commit TO off', work);
}

/**
 * The values of statements that were sent together, once all of them are answered. Rejects with what the first to fail
 * said: in a transaction the others only say that one has failed before them.
 */
export async function allAnswered<T>(sent: readonly Promise<T>[]): Promise<T[]> {
  const answers = await Promise.allSettled(sent);
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

/** Only after a refusal of content is the connection known to be well; anything else may have left it half way. */
export async function rolledBack(connection: Pick<Connection, 'query'>, error: unknown): Promise<boolean> {
  if (failureOf(error) !== 'content') return false;
  return connection.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

function searchPath({ schema }: DatabaseOptions): string[] {
  return schema === undefined ? [] : [`search_path=${schema}`];
}

function ignore(): void {}

/** Rows come back in the contract's own spelling: no Date that loses microseconds, no bigint as text. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.TIMESTAMPTZ, timestampFromPostgres],
  [pg.types.builtins.DATE, (text) => text],
]);

const getTypeParser = ((oid: number, format: 'text' | 'binary') =>
  PARSERS.get(oid) ?? (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser;

/** `2026-02-01 10:00:00.5+00` as the contract spells it. The connection is set to UTC. */
function timestampFromPostgres(text: string): string {
  const fraction = text.slice(20, text.indexOf('+', 19)).padEnd(6, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`;
}
