import type { EventLog } from '@runcast/event-log';
import {
  claimProjection,
  countDeadLetters,
  projectedPosition,
  type Database,
  type LogEntry,
  type Projection,
} from '@runcast/read-models';
import type { Timestamp } from '@runcast/run-events';
import { isTracing, type Logger } from '@runcast/service-host';
import type { Backoff } from './backoff.ts';
import { assertSameStream, BrokenContinuityError, withoutAnchor } from './continuity.ts';
import { LogClock } from './log-clock.ts';
import type { ProjectorMetrics } from './projector-metrics.ts';
import type { ShardStatus } from './shard-status.ts';
import type { Shares } from './shares.ts';
import { traceBatch } from './trace-batch.ts';
import { keepTidy } from './keep-tidy.ts';
import { sweepRuns, type SweepRules } from './sweep-runs.ts';

export interface ShardProjection {
  readonly shard: number;
  /** Unique to this process. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly maxEntries: number;
  readonly log: Pick<EventLog, 'identity' | 'tail' | 'append' | 'shard'>;
  readonly database: Database;
  readonly status: ShardStatus;
  readonly metrics: ProjectorMetrics;
  readonly backoff: Backoff;
  readonly shares: Shares;
  readonly sweep: SweepRules;
  readonly tidyEveryMs: number;
  /** The time of day: what is due for its age is a matter of days. */
  readonly now: () => Timestamp;
  /** Milliseconds that only ever grow. */
  readonly elapsed: () => number;
  readonly logger: Logger;
  /** Resolves after this long, or as soon as the signal aborts. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Keeps one shard's tables up with its log until the signal aborts: then finishes the transaction under way, gives the
 * lease back and resolves. Never rejects: whatever fails is tried again, from the position that Postgres has.
 */
export async function projectShard(job: ShardProjection, signal: AbortSignal): Promise<void> {
  let looks = 0;
  while (!signal.aborted) {
    try {
      // Whoever has its share leaves what was given back to the others; but not for ever, they may not come.
      const leaveReleased = job.shares.isFull() && looks < LOOKS_AT_RELEASED;
      looks = (await claimAndFollow(job, leaveReleased, signal)) === 'held' ? looks + 1 : 0;
    } catch (error) {
      const waitMs = job.backoff.nextMs();
      const refused = error instanceof BrokenContinuityError;
      job.metrics.interrupted(job.shard, refused ? 'refused' : 'outage');
      job.status.become(refused ? 'refused' : 'retrying', refused ? error.reason : 'a dependency does not answer');
      job.logger.error({ err: error, shard: job.shard, waitMs }, refused ? 'refused to project' : 'projecting failed');
      await job.pause(waitMs, signal);
    }
  }
}

/** A lease's length, as often as one standing by looks. */
const LOOKS_AT_RELEASED = 3;

async function claimAndFollow(
  job: ShardProjection,
  leaveReleased: boolean,
  signal: AbortSignal,
): Promise<'held' | 'followed'> {
  const { shard, holder, leaseMs, logger } = job;
  const claimed = await claimProjection(job.database, { shard, holder, leaseMs, leaveReleased });
  if (claimed.outcome === 'held') {
    await standBy(job, signal);
    return 'held';
  }
  const { projection } = claimed;
  const { fence, sequence } = projection.claim;
  logger.info({ shard, fence, sequence }, 'claimed');
  job.shares.took(shard);
  try {
    await follow(job, projection, signal);
    return 'followed';
  } finally {
    job.shares.left(shard);
    // Nobody must wait for a lease whose holder has stopped. Postgres may be what failed: then it runs out by itself.
    await projection.release().catch(() => undefined);
  }
}

/** Looks at what the other one does until it is time to try again: a frozen writer can only be seen from outside. */
async function standBy(job: ShardProjection, signal: AbortSignal): Promise<void> {
  const projected = await projectedPosition(job.database, job.shard);
  const { lastSequence } = await job.log.identity(job.shard);
  job.status.watched(projected?.sequence ?? 0, lastSequence);
  job.status.become('standby');
  job.backoff.reset();
  await job.pause(job.leaseMs / 3, signal);
}

/** Ends when the signal aborts, the shard is given away or another has taken over; throws at the first sign of anything else. */
async function follow(job: ShardProjection, projection: Projection, signal: AbortSignal): Promise<void> {
  const { shard, log, status, maxEntries } = job;
  const start = projection.claim;
  const identity = await log.identity(shard);
  assertSameStream(start, identity);
  status.reached(start.sequence);
  status.sawLogEnd(identity.lastSequence);
  status.sawDeadLetters(await countDeadLetters(job.database, shard));
  const stop = new AbortController();
  const tailing = AbortSignal.any([signal, stop.signal]);
  // Settles to its failure instead of rejecting: the tail may fail first, and then nobody would be listening.
  const lease = keepLease(job, projection, tailing, stop).catch((error: unknown) => ({ error }));
  const clock = new LogClock({ ...CLOCK, elapsed: job.elapsed, rememberedMs: job.sweep.allowanceMs });
  const sweeping = keepSweeping(job, projection, clock, tailing);
  const tidying = keepTidy({ ...job, projectedUpTo: () => projection.claim.sequence }, tailing);
  const tail = log.tail(shard, {
    after: Math.max(0, start.sequence - 1),
    maxEntries,
    signal: tailing,
    traces: isTracing(),
  });
  const take = async (entries: readonly LogEntry[]): Promise<void> => {
    const begun = job.elapsed();
    const outcome = await traceBatch(shard, entries, () => projection.commit(entries));
    if (outcome === 'fenced-out') return stop.abort(FENCED_OUT);
    job.metrics.committed(shard, entries, job.elapsed() - begun);
    status.become('projecting');
    status.committed(entries);
    if (entries.length > 0) job.backoff.reset();
  };
  // Until the anchor has been compared, nothing is known to be well: a refused shard must not look ready in between.
  let batchHoldsAnchor = start.sequence > 0;
  if (!batchHoldsAnchor) status.become('projecting');
  try {
    await takeUntilAborted(tail, tailing, stop, (batch) => {
      clock.read(batch);
      // Throws before anything of the batch, or of the next, is handed in.
      const entries = batchHoldsAnchor ? withoutAnchor(start, batch) : batch;
      batchHoldsAnchor = false;
      return take(entries);
    });
  } finally {
    stop.abort();
    await lease;
    await sweeping;
    await tidying;
  }
  const failed = await lease;
  if (failed) throw failed.error;
  if (stop.signal.reason === FENCED_OUT) {
    job.metrics.interrupted(shard, 'fenced-out');
    job.logger.warn({ shard, fence: start.fence }, 'fenced out: another projector has taken over');
  }
  if (stop.signal.reason === GIVEN_AWAY) job.logger.info({ shard }, 'given away: another projector has room for it');
}

const FENCED_OUT = 'fenced-out';
const GIVEN_AWAY = 'given-away';
/** A shard in which nobody speaks for a minute may be one whose intake is down. */
const CLOCK = { quietMs: 60_000 };

/**
 * Hands the batches on until one fails or the signal aborts, each while the one before it is still under way: what one
 * waits for is time in which the next can be worked out. Meanwhile the log's records gather, so the slower the tables,
 * the larger the batches. A tail is never left in the middle: it is aborted and read to its end, which drops what it had
 * read ahead and lets go of its consumer.
 */
async function takeUntilAborted(
  tail: AsyncIterable<LogEntry[]>,
  signal: AbortSignal,
  stop: AbortController,
  take: (batch: readonly LogEntry[]) => Promise<void>,
): Promise<void> {
  let failed: { readonly error: unknown } | undefined;
  const taken = async (batch: readonly LogEntry[]): Promise<void> => {
    try {
      await take(batch);
    } catch (error) {
      failed ??= { error };
      stop.abort();
    }
  };
  let underWay: Promise<void> | undefined;
  for await (const batch of tail) {
    if (signal.aborted) continue;
    const before = underWay;
    underWay = taken(batch);
    await before;
  }
  await underWay;
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
      if (job.shares.giveAway(job.shard)) return stop.abort(GIVEN_AWAY);
      if ((await projection.renew()) === 'fenced-out') return stop.abort(FENCED_OUT);
      job.status.sawLogEnd((await job.log.identity(job.shard)).lastSequence);
      // A quiet log whose anchor has been erased has nothing to compare.
      job.status.become('projecting');
    }
  } finally {
    stop.abort();
  }
}

/** Gives up silent runs now and then. What fails here is tried again next time: it never disturbs the projecting. */
async function keepSweeping(
  job: ShardProjection,
  projection: Projection,
  clock: LogClock,
  signal: AbortSignal,
): Promise<void> {
  const { database, log, logger, metrics, shard, status, sweep: rules } = job;
  for (;;) {
    await job.pause(rules.everyMs, signal);
    if (signal.aborted) return;
    try {
      status.sawDeadLetters(await countDeadLetters(database, shard));
      const swept = await sweepRuns({ projection, database, log, clock, rules });
      const givenUp = swept.outcome === 'swept' ? swept.givenUp : 0;
      metrics.swept(shard, swept.outcome, givenUp);
      if (givenUp > 0) logger.info({ shard, runs: givenUp }, 'gave silent runs up');
    } catch (error) {
      metrics.swept(shard, 'failed');
      logger.warn({ err: error, shard }, 'sweeping silent runs failed');
    }
  }
}
