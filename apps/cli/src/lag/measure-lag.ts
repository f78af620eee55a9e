import type { EventLog } from '@runcast/event-log';
import { listProjectionStandings, type Database, type ProjectionStanding } from '@runcast/read-models';
import { timestampToMs } from '@runcast/run-events';

export interface ShardLag {
  readonly shard: number;
  /** - `foreign`: the tables were built from another stream than the one that is there. */
  readonly state: 'projecting' | 'unattended' | 'foreign';
  readonly holder?: string;
  readonly logEnd: number;
  readonly projected: number;
  /** Records of the log that are not in the tables. */
  readonly waiting: number;
  /** For how long the oldest of them has been waiting. */
  readonly seconds: number;
}

/** How far each shard's tables are behind the log. */
export async function measureLag(
  log: Pick<EventLog, 'identity' | 'tail'>,
  shards: number,
  database: Database,
  now: () => number,
): Promise<ShardLag[]> {
  const standings = await listProjectionStandings(database);
  const lags: ShardLag[] = [];
  for (let shard = 0; shard < shards; shard += 1) {
    const standing = standings.find((candidate) => candidate.shard === shard) ?? { shard, sequence: 0 };
    lags.push(await lagOf(log, standing, now));
  }
  return lags;
}

async function lagOf(
  log: Pick<EventLog, 'identity' | 'tail'>,
  { shard, sequence, epoch, holder, leaseLeftMs = 0 }: ProjectionStanding,
  now: () => number,
): Promise<ShardLag> {
  const identity = await log.identity(shard);
  const waiting = Math.max(0, identity.lastSequence - sequence);
  const foreign = epoch !== undefined && epoch !== identity.epoch;
  const storedAt = waiting > 0 && !foreign ? await oldestWaiting(log, shard, sequence) : undefined;
  return {
    shard,
    state: foreign ? 'foreign' : holder !== undefined && leaseLeftMs > 0 ? 'projecting' : 'unattended',
    ...(holder !== undefined && { holder }),
    logEnd: identity.lastSequence,
    projected: sequence,
    waiting,
    seconds: storedAt === undefined ? 0 : Math.max(0, Math.round((now() - storedAt) / 1_000)),
  };
}

/** When the log stored the first event that is not in the tables. */
async function oldestWaiting(log: Pick<EventLog, 'tail'>, shard: number, after: number): Promise<number | undefined> {
  const reading = new AbortController();
  let storedAt: number | undefined;
  // Read to its end after the abort, which lets go of the consumer.
  for await (const batch of log.tail(shard, { after, maxEntries: FIRST_FEW, signal: reading.signal })) {
    const event = batch.find((entry) => entry.kind === 'event');
    storedAt ??= event && timestampToMs(event.event.receivedAt);
    reading.abort();
  }
  return storedAt;
}

/** A link may stand before the event it belongs to, and links do not tell when they were stored. */
const FIRST_FEW = 2;
