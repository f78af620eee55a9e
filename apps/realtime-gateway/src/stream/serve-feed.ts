import type { Shard } from '@runcast/event-log';
import { formatPosition, type DialectName, type RecordedEvent } from '@runcast/run-events';
import { follow } from '../feeds/follow.ts';
import type { TopicHub, TopicLease } from '../feeds/topic-hub.ts';
import type { FeedKey } from '../feeds/topic-hub.ts';
import { encodeEvent, type EncodedEvent } from './encoded-event.ts';
import { passes, type EventFilter } from './event-filter.ts';
import { overAfter, type RunEnd } from './run-end.ts';
import { startingPoint, type ResetReason, type StartingPoint } from './starting-point.ts';

export interface FeedRequest {
  readonly key: FeedKey;
  readonly dialect: DialectName;
  readonly filter: EventFilter;
  /** The position that the client holds, as it sent it. */
  readonly token: string | undefined;
  /** Goes on after the run's end, for late events and new attempts. Session feeds always do. */
  readonly follow: boolean;
}

/** A frame that is about the feed, not of it. Carries no position. */
export type Control =
  | { readonly control: 'reset'; readonly reason: ResetReason | 'log-replaced' }
  | { readonly control: 'end'; readonly position: string };

/** Where a feed goes: an SSE response or a WebSocket. */
export interface FeedClient {
  /**
   * Writes all of it in one go. `position` stands behind the last of them and behind whatever was left out since.
   * Resolves when the client has room for more; rejects when it is gone or stalls.
   */
  send(events: readonly EncodedEvent[], position: string): Promise<void>;
  control(control: Control): Promise<void>;
}

/** Asks the read models, which may lag: only used where the feed itself cannot tell. */
export type IsRunOver = (tenant: string, run: string) => Promise<boolean>;

/** A feed that is ready to be served: the topic is live, the starting point is decided. */
export interface OpenFeed {
  readonly lease: TopicLease;
  readonly start: StartingPoint;
  /** The client holds everything of a run that is over. */
  readonly finished: boolean;
}

/** Opens a feed before anything is answered, so that a log that cannot be reached is a plain 503. */
export async function openFeed(
  hub: TopicHub,
  shard: Shard,
  request: FeedRequest,
  isRunOver: IsRunOver,
): Promise<OpenFeed> {
  const lease = await hub.acquire(request.key);
  try {
    const start = await checkedStart(
      startingPoint(request.token, { shard: shard.number, epoch: shard.epoch }),
      lease,
      shard,
    );
    return { lease, start, finished: await isFinished(request, start, lease, isRunOver) };
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** A position beyond the end of the log was made up, or stems from a log that was restored to an earlier state. */
async function checkedStart(start: StartingPoint, lease: TopicLease, shard: Shard): Promise<StartingPoint> {
  if (start.after <= lease.topic.tail) return start;
  const { lastSequence } = await shard.identity();
  return start.after <= lastSequence ? start : { after: 0, reset: 'ahead-of-log' };
}

async function isFinished(
  request: FeedRequest,
  start: StartingPoint,
  lease: TopicLease,
  isRunOver: IsRunOver,
): Promise<boolean> {
  const { key } = request;
  if (key.kind !== 'run' || request.follow || start.after === 0 || start.after < lease.topic.tail) return false;
  return isRunOver(key.tenant, key.run);
}

/**
 * Serves a feed until the run has ended, the stream was replaced, or the signal aborts. Events are sent in order, each
 * once. Rejects when the client is gone.
 */
export async function serveFeed(
  open: OpenFeed,
  request: FeedRequest,
  client: FeedClient,
  signal: AbortSignal,
  isRunOver: IsRunOver,
): Promise<'ended' | 'replaced' | 'stopped'> {
  const { topic, replaced } = open.lease;
  if (open.start.reset !== undefined) await client.control({ control: 'reset', reason: open.start.reset });
  const ends = request.key.kind === 'run' && !request.follow;
  let state: RunEnd;
  let last: RecordedEvent | undefined;
  for await (const batch of follow(topic, open.start.after, AbortSignal.any([signal, replaced]))) {
    await sendBatch(client, batch.events, request);
    state = batch.events.reduce(overAfter, state);
    last = batch.events.at(-1) ?? last;
    if (!ends || !batch.caughtUp) continue;
    if (state === undefined && (await runIsOver(request.key, isRunOver))) state = 'over';
    if (state !== 'over' && state !== 'stale') continue;
    const position = last ? formatPosition(last.position) : (request.token ?? '');
    // A vendor's format says in its own words that a run has ended.
    if (request.dialect === 'runcast') await client.control({ control: 'end', position });
    return 'ended';
  }
  return replaced.aborted ? 'replaced' : 'stopped';
}

async function sendBatch(client: FeedClient, events: readonly RecordedEvent[], request: FeedRequest): Promise<void> {
  const last = events.at(-1);
  if (last === undefined) return;
  const wanted = events.filter((event) => passes(request.filter, event));
  await client.send(
    wanted.map((event) => encodeEvent(event, request.dialect)),
    formatPosition(last.position),
  );
}

async function runIsOver(key: FeedKey, isRunOver: IsRunOver): Promise<boolean> {
  return key.kind === 'run' && isRunOver(key.tenant, key.run);
}
