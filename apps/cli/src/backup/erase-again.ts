import { EventLog, type EventLogOptions } from '@runcast/event-log';
import {
  eraseFromTables,
  openDatabase,
  projectedPosition,
  resolveTargets,
  type Database,
  type PendingErasure,
} from '@runcast/read-models';

/**
 * Takes what was erased after a backup out of what was restored from it. The projector goes over it once more, with what
 * the log has further than the tables, and writes the receipts: so whoever dies in the middle leaves nothing undone.
 */
export async function eraseAgain(
  databaseUrl: string,
  options: EventLogOptions,
  erasures: readonly PendingErasure[],
): Promise<void> {
  if (erasures.length === 0) return;
  const database = openDatabase({ databaseUrl, applicationName: 'runcast restore', statementMs: 3_600_000 });
  const log = await EventLog.connect(options);
  try {
    for (const erasure of erasures) await eraseOne(database, log, erasure);
  } finally {
    await log.close();
    await database.end();
  }
}

async function eraseOne(database: Database, log: EventLog, erasure: PendingErasure): Promise<void> {
  const { tenant } = erasure;
  const shard = log.shard(erasure.shard);
  const { runs, sessions } = await resolveTargets(database, erasure);
  const subjects = runs.map((run) => shard.runSubject(tenant, run));
  // Not what stands behind the tables' position: a log whose next record is missing would look lost to the projector.
  const upTo = (await projectedPosition(database, erasure.shard))?.sequence ?? 0;
  await eraseFromTables(database, { shard: erasure.shard, tenant, runs, erasure: erasure.id, subjects });
  for (const subject of subjects) await shard.erase(subject, upTo);
  for (const session of sessions) await shard.eraseLinks(tenant, session, new Set(runs), upTo);
}
