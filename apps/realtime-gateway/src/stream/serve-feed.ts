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
import { feedInto, type FeedBatch, type FeedReader } from '../feeds/follow.ts';
import type { StopSignal } from '../feeds/stop.ts';
import { ERASED, type TopicHub, type TopicLease } from '../feeds/topic-hub.ts';
import type { FeedKey } from '../feeds/topic-hub.ts';
import type { FeedEvent } from '../feeds/topic.ts';
import { EncodedBurst } from './encoded-burst.ts';
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
  /** The run was erased: nothing more comes, and what was shown is to be forgotten. */
  | { readonly control: 'erased' }
  | { readonly control: 'end'; readonly position: string };

/** Where a feed goes: an SSE response or a WebSocket. */
export interface FeedClient {
  /**
   * Writes all of it in one go. Answers nothing while the client has room for more, else a promise of room. Throws or
   * rejects when the client is gone or stalls.
   */
  send(burst: EncodedBurst): Promise<void> | undefined;
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
  signal: StopSignal,
  endingInTables: EndingInTables,
  served: Pick<ServedFeed, 'send'> = UNMEASURED,
): Promise<'ended' | 'replaced' | 'erased' | 'stopped'> {
  const { topic, replaced } = open.lease;
  if (open.start.reset !== undefined) await client.control({ control: 'reset', reason: open.start.reset });
  const writer = request.openWriter?.() ?? writerFor(request.dialect, request.key);
  const reader = new ServingReader({ after: open.start.after, request, client, endingInTables, served, writer });
  // Not awaited: a function that waits takes more memory than what it waits for, in every idle client.
  return feedInto(reader, topic, writer.fromTheStart ? 0 : open.start.after, { signal, replaced }).then(() => {
    if (reader.done) return 'ended';
    if (!replaced.aborted) return 'stopped';
    return replaced.reason === ERASED ? 'erased' : 'replaced';
  });
}

const UNMEASURED: Pick<ServedFeed, 'send'> = { send: (_batch, write) => write() };

interface Serving {
  readonly after: number;
  readonly request: FeedRequest;
  readonly client: FeedClient;
  readonly endingInTables: EndingInTables;
  readonly served: Pick<ServedFeed, 'send'>;
  readonly writer: FrameWriter;
}

/** Sends what it is handed to one client, and knows when the run is over. */
class ServingReader implements FeedReader {
  done = false;
  private ending: RunEnding;
  private last: FeedEvent | undefined;
  private readonly ends: boolean;
  /** Which events the client is shown; all when there is none. */
  private readonly shown: ((event: FeedEvent) => boolean) | undefined;

  constructor(private readonly serving: Serving) {
    const { request, after, writer } = serving;
    this.ending = writer.fromTheStart || after === 0 ? BEFORE_THE_START : IN_THE_MIDDLE;
    this.ends = request.key.kind === 'run' && !request.follow;
    this.shown = isShown(request.viewer, request.key, request.filter);
  }

  get wakeAfterMs(): number | undefined {
    return this.ends && this.ending.end === undefined ? ASK_AGAIN_MS : undefined;
  }

  take(batch: FeedBatch): Promise<void> | undefined {
    const { events, caughtUp } = batch;
    const room = this.serving.served.send(batch, () => this.send(batch));
    this.ending = endingAfterAll(this.ending, events);
    this.last = events.at(-1) ?? this.last;
    if (!caughtUp) return room;
    if (this.ending.end === 'over' && this.last) this.serving.request.onOver?.(this.last.position.sequence);
    if (!this.ends) return room;
    // Once it is quiet: a run that speaks is not over, and where many watch it they would ask at each of its words.
    const asks = this.ending.end === undefined && events.length === 0;
    return asks || isEnd(this.ending) ? this.endIfOver(room) : room;
  }

  private send(batch: FeedBatch): Promise<void> | undefined {
    const burst = batch.events.length === 0 ? undefined : burstOf(batch, this.serving, this.shown);
    return burst && this.serving.client.send(burst);
  }

  private async endIfOver(room: Promise<void> | undefined): Promise<void> {
    await room;
    const { after, request, client, endingInTables, writer } = this.serving;
    const { key } = request;
    if (this.ending.end === undefined && key.kind === 'run') {
      const upTo = this.last?.position.sequence ?? after;
      this.ending = (await endingInTables(key.tenant, key.run, upTo)) ?? this.ending;
    }
    if (!isEnd(this.ending)) return;
    const position = this.last ? formatPosition(this.last.position) : (request.token ?? '');
    if (this.ending.end === 'stale' && this.last && writer.writeGivenUp) {
      await client.send(new EncodedBurst([writer.writeGivenUp(this.last)], position));
    }
    // A vendor's format says in its own words that a run has ended.
    if (request.dialect === 'runcast') await client.control({ control: 'end', position });
    this.done = true;
  }
}

/** What of the events this client is sent; nothing when it holds all of them already. */
function burstOf(
  batch: FeedBatch,
  { after, writer }: Serving,
  shown: ((event: FeedEvent) => boolean) | undefined,
): EncodedBurst | undefined {
  const { events } = batch;
  const last = events.at(-1)!.position;
  if (last.sequence <= after) return undefined;
  if (writer.writeAll && shown === undefined) return writer.writeAll(batch);
  const written = (shown === undefined ? events : events.filter(shown))
    .map((event) => ({ sequence: event.position.sequence, frames: writer.write(event) }))
    // What the client holds already was only read for the writer's sake.
    .filter(({ sequence }) => sequence > after);
  return new EncodedBurst(
    written.map(({ frames }) => frames),
    formatPosition(last),
  );
}

const endings = new WeakMap<readonly FeedEvent[], { readonly before: RunEnding; readonly after: RunEnding }>();

/** Readers who stand at the same point and are handed the same come to the same end: it is followed once for all. */
function endingAfterAll(before: RunEnding, events: readonly FeedEvent[]): RunEnding {
  if (events.length === 0) return before;
  const known = endings.get(events);
  if (known?.before === before) return known.after;
  const after = events.reduce(endingAfter, before);
  endings.set(events, { before, after });
  return after;
}

function isEnd(ending: RunEnding | undefined): boolean {
  return ending?.end === 'over' || ending?.end === 'stale';
}
