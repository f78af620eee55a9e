import type { Shard } from '@runcast/event-log';
import {
  BEFORE_THE_START,
  endingAfter,
  formatPosition,
  IN_THE_MIDDLE,
  type DialectName,
  type RunEnding,
} from '@runcast/run-events';
import type { Principal } from '@runcast/service-host';
import { isShown } from '../access/viewing.ts';
import { follow } from '../feeds/follow.ts';
import type { TopicHub, TopicLease } from '../feeds/topic-hub.ts';
import type { FeedKey } from '../feeds/topic-hub.ts';
import type { FeedEvent } from '../feeds/topic.ts';
import type { EncodedEvent } from './encoded-event.ts';
import type { ServedFeed } from './feed-metrics.ts';
import type { EventFilter } from './event-filter.ts';
import { writerFor, type FrameWriter } from './frame-writer.ts';
import { startingPoint, type ResetReason, type StartingPoint } from './starting-point.ts';

export interface FeedRequest {
  readonly key: FeedKey;
  /** Who watches: what it may see of the feed, and until when. */
  readonly viewer: Principal;
  readonly dialect: DialectName;
  readonly filter: EventFilter;
  /** The position that the client holds, as it sent it. */
  readonly token: string | undefined;
  /** Goes on after the run's end, for late events and new attempts. Session feeds always do. */
  readonly follow: boolean;
  /** How events become frames, where the dialect alone does not say it. A feed that begins anew takes a new one. */
  readonly openWriter?: () => FrameWriter;
  /** Called after the client was sent everything up to the end of the run, with the sequence of its last event. */
  readonly onOver?: (sequence: number) => void;
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

/**
 * How a run stands after its events up to `upTo`, as the tables have it; `undefined` while they have not come so far, or
 * are ahead of it: an end that they know of and the client does not must be delivered, not taken for the end of its
 * feed. Only asked where the feed itself cannot tell.
 */
export type EndingInTables = (tenant: string, run: string, upTo: number) => Promise<RunEnding | undefined>;

/** How long a feed that cannot tell whether its run is over is quiet before the tables are asked again. */
const ASK_AGAIN_MS = 1_000;

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
  endingInTables: EndingInTables,
): Promise<OpenFeed> {
  const lease = await hub.acquire(request.key);
  try {
    const start = await checkedStart(
      startingPoint(request.token, { shard: shard.number, epoch: shard.epoch }),
      lease,
      shard,
    );
    return { lease, start, finished: await isFinished(request, start, lease, endingInTables) };
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
  endingInTables: EndingInTables,
): Promise<boolean> {
  const { key } = request;
  if (key.kind !== 'run' || request.follow || start.after === 0 || start.after < lease.topic.tail) return false;
  return isEnd(await endingInTables(key.tenant, key.run, start.after));
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
  endingInTables: EndingInTables,
  served: Pick<ServedFeed, 'send'> = UNMEASURED,
): Promise<'ended' | 'replaced' | 'stopped'> {
  const { topic, replaced } = open.lease;
  if (open.start.reset !== undefined) await client.control({ control: 'reset', reason: open.start.reset });
  const { key } = request;
  const writer = request.openWriter?.() ?? writerFor(request.dialect, key);
  const shown = isShown(request.viewer, key, request.filter);
  const from = writer.fromTheStart ? 0 : open.start.after;
  let ending = from === 0 ? BEFORE_THE_START : IN_THE_MIDDLE;
  let last: FeedEvent | undefined;
  const ends = key.kind === 'run' && !request.follow;
  const wakeAfter = (): number | undefined => (ends && ending.end === undefined ? ASK_AGAIN_MS : undefined);
  for await (const batch of follow(topic, from, AbortSignal.any([signal, replaced]), wakeAfter)) {
    await served.send(batch, () => sendBatch(client, writer, batch.events, open.start.after, shown));
    ending = batch.events.reduce(endingAfter, ending);
    last = batch.events.at(-1) ?? last;
    if (ending.end === 'over' && last && batch.caughtUp) request.onOver?.(last.position.sequence);
    if (!ends || !batch.caughtUp) continue;
    // Once it is quiet: a run that speaks is not over, and where many watch it they would ask at each of its words.
    if (ending.end === undefined && batch.events.length === 0) {
      const upTo = last?.position.sequence ?? open.start.after;
      ending = (await endingInTables(key.tenant, key.run, upTo)) ?? ending;
    }
    if (!isEnd(ending)) continue;
    const position = last ? formatPosition(last.position) : (request.token ?? '');
    if (ending.end === 'stale' && last && writer.writeGivenUp) await client.send([writer.writeGivenUp(last)], position);
    // A vendor's format says in its own words that a run has ended.
    if (request.dialect === 'runcast') await client.control({ control: 'end', position });
    return 'ended';
  }
  return replaced.aborted ? 'replaced' : 'stopped';
}

const UNMEASURED: Pick<ServedFeed, 'send'> = { send: (_batch, write) => write() };

async function sendBatch(
  client: FeedClient,
  writer: FrameWriter,
  events: readonly FeedEvent[],
  after: number,
  shown: (event: FeedEvent) => boolean,
): Promise<void> {
  const written = events
    .filter(shown)
    .map((event) => ({ sequence: event.position.sequence, frames: writer.write(event) }))
    // What the client holds already was only read for the writer's sake.
    .filter(({ sequence }) => sequence > after);
  const last = events.at(-1);
  if (last === undefined || last.position.sequence <= after) return;
  await client.send(
    written.map(({ frames }) => frames),
    formatPosition(last.position),
  );
}

function isEnd(ending: RunEnding | undefined): boolean {
  return ending?.end === 'over' || ending?.end === 'stale';
}
