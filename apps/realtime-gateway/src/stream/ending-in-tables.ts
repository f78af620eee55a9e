import type { Shard } from '@runcast/event-log';
import { getRun, projectedPosition, type Database } from '@runcast/read-models';
import { endingOf, type RunEnding } from '@runcast/run-events';

/**
 * How the run stands after exactly its events up to `upTo`. `undefined` while the tables are behind or ahead of that, or
 * cannot be read: a feed stays open then, for ending it by mistake would look like the end of the run.
 */
export async function endingInTables(
  database: Database,
  shard: Pick<Shard, 'number' | 'epoch'>,
  { tenant, run, upTo }: { readonly tenant: string; readonly run: string; readonly upTo: number },
): Promise<RunEnding | undefined> {
  try {
    // First how far they have come: what is read after it is at least as new.
    const projected = await projectedPosition(database, shard.number);
    if (projected?.epoch !== shard.epoch || projected.sequence < upTo) return undefined;
    const state = await getRun(database, { tenant, run });
    // Behind its last event there may be more in the feed all the same: records that the tables could not take.
    return state !== undefined && state.lastSequence <= upTo ? endingOf(state) : undefined;
  } catch {
    return undefined;
  }
}
