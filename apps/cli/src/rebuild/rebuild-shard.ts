import type { EventLog, LogIdentity } from '@runcast/event-log';
import {
  projectedPosition,
  seizeProjection,
  ShadowTables,
  type Projection,
  type SwapOutcome,
  type TableDifference,
} from '@runcast/read-models';
import { Replay, type ReplayOptions } from './replay.ts';

export interface RebuildJob extends ReplayOptions {
  readonly shard: number;
  readonly databaseUrl: string;
  readonly log: Pick<EventLog, 'identity' | 'tail'>;
  /** Unique to this rebuild. */
  readonly holder: string;
  /** Builds and compares; the live tables stay as they are. */
  readonly compareOnly: boolean;
  /** Swaps even when events of the live tables are not in the log any more, which removes them. */
  readonly acceptLoss: boolean;
  readonly batchEntries: number;
  /** Once this few records behind the live tables, those are stopped for the rest. */
  readonly closeEntries: number;
  /** Told after every batch how far the shadow tables have come, and how far the log reached at the beginning. */
  readonly onProgress: (sequence: number, logEnd: number) => void;
}

export type RebuildOutcome =
  SwapOutcome | { readonly outcome: 'compared'; readonly differences: readonly TableDifference[] };

/** What a projector waits at most for a rebuild that was killed at the very end. */
const LEASE_MS = 10_000;

/**
 * Builds one shard's tables anew from the log, beside the live ones, while those go on; then stops the live projector
 * for a moment, catches up to where it stood, and swaps or compares. A rebuild that is killed at any point leaves the
 * live tables as they were.
 */
export async function rebuildShard(job: RebuildJob): Promise<RebuildOutcome> {
  const tables = await ShadowTables.create(job.databaseUrl, job.shard);
  const reading = new AbortController();
  let replay: Replay | undefined;
  try {
    const stream = await job.log.identity(job.shard);
    const shadow = await tables.claim(job.holder);
    await fillFromTables(job, tables, shadow, stream);
    const after = Math.max(shadow.claim.sequence, stream.firstSequence - 1);
    const tail = job.log.tail(job.shard, { after, maxEntries: job.batchEntries, signal: reading.signal });
    const records = (replay = new Replay(tail, job));
    const catchUp = (target: number) => follow(job, { records, shadow, target, logEnd: stream.lastSequence });
    await approach(job, tables, shadow, stream, catchUp);
    return await finish(job, tables, shadow, stream, catchUp);
  } finally {
    reading.abort();
    await replay?.end();
    // What cannot be dropped now is dropped by the next rebuild.
    await tables.drop().catch(() => undefined);
  }
}

/** What a trimmed log no longer holds comes from the live tables, if they were built from this very stream. */
async function fillFromTables(
  job: RebuildJob,
  tables: ShadowTables,
  shadow: Projection,
  stream: LogIdentity,
): Promise<void> {
  const live = await projectedPosition(tables.live, job.shard);
  if (stream.firstSequence <= 1 || live?.epoch !== stream.epoch) return;
  await tables.retain(shadow, { epoch: stream.epoch, before: stream.firstSequence, batch: job.batchEntries });
  job.onProgress(shadow.claim.sequence, stream.lastSequence);
}

/** Comes close to the live tables without disturbing them. They move on meanwhile, so the distance is taken anew. */
async function approach(
  job: RebuildJob,
  tables: ShadowTables,
  shadow: Projection,
  stream: LogIdentity,
  catchUp: (target: number) => Promise<void>,
): Promise<void> {
  for (;;) {
    const target = targetOf(await projectedPosition(tables.live, tables.shard), stream);
    const before = shadow.claim.sequence;
    if (target - before <= job.closeEntries) return;
    await catchUp(target);
    if (shadow.claim.sequence === before) return; // what was missing is gone from the log
  }
}

/** From here on the shard is ours: nothing moves but what we move. */
async function finish(
  job: RebuildJob,
  tables: ShadowTables,
  shadow: Projection,
  stream: LogIdentity,
  catchUp: (target: number) => Promise<void>,
): Promise<RebuildOutcome> {
  const { shard, holder } = job;
  const seized = await seizeProjection(tables.live, { shard, holder, leaseMs: LEASE_MS });
  const { epoch, sequence } = seized.claim;
  const keeping = keepLease(job, seized);
  try {
    await catchUp(targetOf(epoch === undefined ? undefined : { epoch, sequence }, stream));
    if (job.compareOnly) {
      const differences = await tables.compare(() => seized.release());
      return { outcome: 'compared', differences };
    }
    return await tables.swap({ live: seized.claim, shadow: shadow.claim, acceptLoss: job.acceptLoss });
  } finally {
    await keeping.stop();
    // When Postgres is what failed, the lease runs out by itself.
    await seized.release().catch(() => undefined);
  }
}

/**
 * How far to build: to where the live tables stand, so that both speak of the same part of the log; to the log's end when
 * they were built from another stream.
 */
function targetOf(live: { epoch: string; sequence: number } | undefined, stream: LogIdentity): number {
  return live?.epoch === stream.epoch ? live.sequence : stream.lastSequence;
}

async function follow(
  job: RebuildJob,
  { records, shadow, target, logEnd }: { records: Replay; shadow: Projection; target: number; logEnd: number },
): Promise<void> {
  if (shadow.claim.sequence >= target) return;
  for await (const entries of records.upTo(target)) {
    if ((await shadow.commit(entries)) === 'fenced-out') throw new Error('the shadow tables were taken away');
    job.onProgress(shadow.claim.sequence, logEnd);
  }
}

/** Catching up may take longer than the lease. Once the swap holds the shard's row, renewing waits for its end. */
function keepLease(job: RebuildJob, seized: Projection): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const renewing = (async () => {
    for (;;) {
      await job.pause(LEASE_MS / 3, signal);
      if (signal.aborted) return;
      // A renewal that fails costs the lease, which the swap then notices.
      await seized.renew().catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await renewing;
    },
  };
}
