import type { EventLog } from '@runcast/event-log';
import {
  completeErasure,
  countRows,
  eraseFromTables,
  pendingErasures,
  resolveTargets,
  type Database,
  type PendingErasure,
  type RowCounts,
} from '@runcast/read-models';

export interface Erasing {
  readonly shard: number;
  readonly log: Pick<EventLog, 'shard'>;
  readonly database: Database;
  /** Up to where the tables contain the log. */
  readonly projectedUpTo: () => number;
}

/**
 * Carries out the erasures that were asked for, and returns how many were completed. Each step may be repeated: whoever
 * holds the shard goes on with what another has begun.
 *
 * First the tables, with the marks by which nothing of it is taken again, then the log: in the other order a record on
 * its way into the tables would outlive both.
 */
export async function eraseRequested(on: Erasing): Promise<number> {
  let completed = 0;
  for (const erasure of await pendingErasures(on.database, on.shard)) {
    if (await erase(on, erasure)) completed += 1;
  }
  return completed;
}

/** `false`: not yet, or more of it has come in meanwhile. */
async function erase(on: Erasing, erasure: PendingErasure): Promise<boolean> {
  const shard = on.log.shard(on.shard);
  const { tenant, id } = erasure;
  const { runs, sessions } = await resolveTargets(on.database, erasure);
  const subjects = runs.map((run) => shard.runSubject(tenant, run));
  // Records that the tables do not know yet would be missed, and a hole at the log's start look like a lost log.
  const { bySubject } = await shard.newest(subjects, on.projectedUpTo());
  if (bySubject.size > 0) return false;
  const target = { shard: on.shard, tenant, runs };
  const removed = await eraseFromTables(on.database, { ...target, erasure: id, subjects });
  const log = await eraseFromLog(on, erasure, runs, sessions);
  const left = await countRows(on.database, target, subjects);
  const leftInLog = (await shard.newest(subjects, 0)).bySubject.size;
  const receipt = {
    runs: runs.length,
    log: { ...log, left: leftInLog },
    tables: { removed: { ...removed }, left: { ...left } },
  };
  if (leftInLog > 0 || total(left) > 0) return false;
  return (await completeErasure(on.database, erasure, receipt)) === 'completed';
}

async function eraseFromLog(
  { log, shard: number }: Erasing,
  { tenant }: PendingErasure,
  runs: readonly string[],
  sessions: readonly string[],
): Promise<{ events: number; links: number; overwritten: boolean }> {
  const shard = log.shard(number);
  const erased = { events: 0, links: 0, overwritten: true };
  for (const run of runs) {
    const { messages, overwritten } = await shard.erase(shard.runSubject(tenant, run));
    erased.events += messages;
    erased.overwritten &&= overwritten;
  }
  const among = new Set(runs);
  for (const session of sessions) {
    const { messages, overwritten } = await shard.eraseLinks(tenant, session, among);
    erased.links += messages;
    erased.overwritten &&= overwritten;
  }
  return erased;
}

function total(rows: RowCounts): number {
  return rows.events + rows.runs + rows.links + rows.deadLetters;
}
