import type { EventLog } from '@runcast/event-log';
import { claimProjection, type Database, type LogEntry, type Projection } from '@runcast/read-models';
import type { Logger } from '@runcast/service-host';
import type { Backoff } from './backoff.ts';
import { assertSameStream, BrokenContinuityError, withoutAnchor } from './continuity.ts';
import type { ShardStatus } from './shard-status.ts';

export interface ShardProjection {
  readonly shard: number;
  /** Unique to this process. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly maxEntries: number;
  readonly log: Pick<EventLog, 'identity' | 'tail'>;
  readonly database: Database;
  readonly status: ShardStatus;
  readonly backoff: Backoff;
  readonly logger: Logger;
  /** Resolves after this long, or as soon as the signal aborts. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Keeps one shard's tables up with its log until the signal aborts: then finishes the transaction under way, gives the
 * lease back and resolves. Never rejects: whatever fails is tried again, from the position that Postgres has.
 */
export async function projectShard(job: ShardProjection, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await claimAndFollow(job, signal);
    } catch (error) {
      const waitMs = job.backoff.nextMs();
      const refused = error instanceof BrokenContinuityError;
      job.status.become(refused ? 'refused' : 'retrying', refused ? error.reason : 'a dependency does not answer');
      job.logger.error({ err: error, shard: job.shard, waitMs }, refused ? 'refused to project' : 'projecting failed');
      await job.pause(waitMs, signal);
    }
  }
}

async function claimAndFollow(job: ShardProjection, signal: AbortSignal): Promise<void> {
  const { shard, holder, leaseMs, status, logger } = job;
  const claimed = await claimProjection(job.database, { shard, holder, leaseMs });
  if (claimed.outcome === 'held') {
    status.become('standby');
    job.backoff.reset();
    await job.pause(leaseMs / 3, signal);
    return;
  }
  const { projection } = claimed;
  const { fence, sequence } = projection.claim;
  logger.info({ shard, fence, sequence }, 'claimed');
  try {
    await follow(job, projection, signal);
  } finally {
    // Nobody must wait for a lease whose holder has stopped. Postgres may be what failed: then it runs out by itself.
    await projection.release().catch(() => undefined);
  }
}

/** Ends when the signal aborts or another projector has taken over; throws at the first sign of anything else. */
async function follow(job: ShardProjection, projection: Projection, signal: AbortSignal): Promise<void> {
  const { shard, log, status, maxEntries } = job;
  const start = projection.claim;
  const identity = await log.identity(shard);
  assertSameStream(start, identity);
  status.reached(start.sequence);
  status.sawLogEnd(identity.lastSequence);
  const stop = new AbortController();
  const tailing = AbortSignal.any([signal, stop.signal]);
  // Settles to its failure instead of rejecting: the tail may fail first, and then nobody would be listening.
  const lease = keepLease(job, projection, tailing, stop).catch((error: unknown) => ({ error }));
  const tail = log.tail(shard, { after: Math.max(0, start.sequence - 1), maxEntries, signal: tailing });
  // Until the anchor has been compared, nothing is known to be well: a refused shard must not look ready in between.
  let batchHoldsAnchor = start.sequence > 0;
  if (!batchHoldsAnchor) status.become('projecting');
  try {
    await takeUntilAborted(tail, tailing, stop, async (batch) => {
      const entries = batchHoldsAnchor ? withoutAnchor(start, batch) : batch;
      batchHoldsAnchor = false;
      if ((await projection.commit(entries)) === 'fenced-out') return stop.abort(FENCED_OUT);
      status.become('projecting');
      status.committed(entries);
      if (entries.length > 0) job.backoff.reset();
    });
  } finally {
    stop.abort();
    await lease;
  }
  const failed = await lease;
  if (failed) throw failed.error;
  if (stop.signal.reason === FENCED_OUT) {
    job.logger.warn({ shard, fence: start.fence }, 'fenced out: another projector has taken over');
  }
}

const FENCED_OUT = 'fenced-out';

/**
 * Hands the batches on until one fails or the signal aborts. A tail is never left in the middle: it is aborted and read
 * to its end, which drops what it had read ahead and lets go of its consumer.
 */
async function takeUntilAborted(
  tail: AsyncIterable<LogEntry[]>,
  signal: AbortSignal,
  stop: AbortController,
  take: (batch: readonly LogEntry[]) => Promise<void>,
): Promise<void> {
  let failed: { readonly error: unknown } | undefined;
  for await (const batch of tail) {
    if (signal.aborted) continue;
    try {
      await take(batch);
    } catch (error) {
      failed = { error };
      stop.abort();
    }
  }
  if (failed) throw failed.error;
}

/** Renews the lease while the log is quiet, and looks how far the log has got. Stops the tail when that fails. */
async function keepLease(
  job: ShardProjection,
  projection: Projection,
  signal: AbortSignal,
  stop: AbortController,
): Promise<void> {
  try {
    for (;;) {
      await job.pause(job.leaseMs / 3, signal);
      if (signal.aborted) return;
      if ((await projection.renew()) === 'fenced-out') return stop.abort(FENCED_OUT);
      job.status.sawLogEnd((await job.log.identity(job.shard)).lastSequence);
      // A quiet log whose anchor has been erased has nothing to compare.
      job.status.become('projecting');
    }
  } finally {
    stop.abort();
  }
}
