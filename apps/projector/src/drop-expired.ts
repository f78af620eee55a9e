import type { EventLog } from '@runcast/event-log';
import {
  dropDuePartitions,
  expiryDay,
  heldRuns,
  listDueRuns,
  moveRuns,
  NEVER,
  removeExpired,
  sessionsOf,
  type Database,
  type DueRun,
} from '@runcast/read-models';
import type { Timestamp } from '@runcast/run-events';

export interface Dropping {
  readonly shard: number;
  readonly log: Pick<EventLog, 'shard' | 'identity'>;
  readonly database: Database;
  readonly now: () => Timestamp;
}

export interface Dropped {
  readonly runs: number;
  /** Runs that a legal hold keeps, or that are not over: they got another day. */
  readonly kept: number;
  readonly partitions: readonly string[];
}

/** One round, so that a whole quarter that falls due at once does not keep the tables from following the log. */
const AT_MOST = 200;

/**
 * Drops what has been kept for as long as its tenant asked: the rows of runs one by one, their records from the log
 * where it still has them (a rebuild would bring them back), and their events with the whole partition.
 */
export async function dropExpired(on: Dropping): Promise<Dropped> {
  const today = on.now().slice(0, 10);
  const due = await listDueRuns(on.database, { shard: on.shard, today, atMost: AT_MOST });
  let kept = 0;
  for (const [tenant, runs] of Map.groupBy(due, (run) => run.tenant)) kept += await dropRuns(on, tenant, runs);
  const partitions = due.length < AT_MOST ? await dropDuePartitions(on.database, today) : [];
  return { runs: due.length - kept, kept, partitions };
}

async function dropRuns(on: Dropping, tenant: string, due: readonly DueRun[]): Promise<number> {
  const { shard, database } = on;
  const held = await heldRuns(
    database,
    tenant,
    due.map(({ run }) => run),
  );
  const {
    kept = [],
    open = [],
    over = [],
  } = Object.groupBy(due, ({ run, status }) => (held.has(run) ? 'kept' : isOpen(status) ? 'open' : 'over'));
  await move(on, tenant, kept, NEVER);
  await move(on, tenant, open, expiryDay(on.now(), 1));
  if (over.length > 0) {
    const runs = over.map(({ run }) => run);
    await dropFromLog(on, tenant, over);
    const subjects = runs.map((run) => on.log.shard(shard).runSubject(tenant, run));
    await removeExpired(database, { shard, tenant, runs, subjects });
  }
  return kept.length + open.length;
}

async function move({ shard, database }: Dropping, tenant: string, due: readonly DueRun[], day: string): Promise<void> {
  if (due.length > 0) await moveRuns(database, { shard, tenant, runs: due.map(({ run }) => run), day });
}

async function dropFromLog(on: Dropping, tenant: string, due: readonly DueRun[]): Promise<void> {
  const shard = on.log.shard(on.shard);
  const { firstSequence } = await on.log.identity(on.shard);
  const runs = due.map(({ run }) => run);
  for (const { run, lastSequence } of due) {
    if (lastSequence >= firstSequence) await shard.purge(shard.runSubject(tenant, run));
  }
  const among = new Set(runs);
  for (const session of await sessionsOf(on.database, { tenant, runs })) await shard.eraseLinks(tenant, session, among);
}

function isOpen(status: DueRun['status']): boolean {
  return status === 'running' || status === 'waiting_for_input';
}
