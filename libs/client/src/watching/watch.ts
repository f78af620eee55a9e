import type { DialectName, JsonObject, Level } from '@runcast/run-events';
import { backoffMs, type Backoff } from '../backoff.ts';
import { pause } from '../pause.ts';
import { WatchError } from './errors.ts';
import type { FeedKey, FeedRequest, FeedSource } from './feed-source.ts';
import { openEvents, type FeedConnection } from './open-feed.ts';
import { readRun, type RunSnapshot } from './read-run.ts';
import type { SseFrame } from './sse-parser.ts';

/** One event of a feed. */
export interface WatchedEvent {
  /** Where it stands in the log: give the last one back as `after` to go on behind it. */
  readonly position: string;
  readonly type: string;
  readonly run: string;
  readonly id: string;
  readonly session?: string;
  readonly agent?: string;
  readonly flow?: string;
  readonly level?: Level;
  readonly occurred_at: string;
  readonly received_at?: string;
  /** The wire format in which it came to Runcast. */
  readonly dialect?: DialectName;
  readonly data: JsonObject;
}

/** The run is over, and so is its feed. */
export interface FeedEnd {
  /** The run's newest event. Absent where there was none behind a feed that began at its start. */
  readonly position?: string;
}

export interface FeedReset {
  /** Why the position could not be honoured, e.g. `other-epoch`: the log was replaced or restored from a backup. */
  readonly reason: string;
}

/** What may be missing for good. */
export interface FeedGap {
  /** The last position that was held. What stood behind it in the old log may never be shown. */
  readonly after: string;
  readonly reason: string;
}

/** The gateway, or a socket to it that many watches share. */
export type Feeds = FeedConnection | FeedSource;

export interface WatchOptions {
  /** The position behind which to begin; from the first event when left out. */
  readonly after?: string | undefined;
  /** Of a run: goes on behind its end, for late events and further attempts. */
  readonly follow?: boolean;
  /** Only events of these types, at most 64. */
  readonly types?: readonly string[] | undefined;
  /** Only events that are at least this loud. */
  readonly level?: Level | undefined;
  /** Ends the watch quietly. */
  readonly signal?: AbortSignal | undefined;
  /** The feed starts again from its beginning: forget what was shown. */
  readonly onReset?: (reset: FeedReset) => void;
  /** Told besides `onReset` when the feed had come to a position. Lost connections leave no gap: they are resumed. */
  readonly onGap?: (gap: FeedGap) => void;
  /** The feed is open, for the first time or again: what follows is behind the last event. */
  readonly onOpen?: () => void;
  /** The connection was lost or could not be had; the next attempt follows after `delayMs`. */
  readonly onReconnect?: (reconnect: { attempt: number; delayMs: number; detail: string }) => void;
  readonly backoff?: Backoff;
  readonly random?: () => number;
}

/** One frame of a feed in the form of a vendor. */
export interface WatchedFrame {
  /** Where the event stands in the log. Absent where the form puts several frames into one event, on all but the last. */
  readonly position?: string;
  /** Where the form names its frames. */
  readonly event?: string;
  readonly data: string;
}

export type Watch = AsyncGenerator<WatchedEvent, FeedEnd | undefined, undefined>;

/**
 * The events of one run: those that are there, then each as it is stored. In log order, each once, whatever happens
 * to the connection. Ends when the run has ended.
 *
 * @throws {WatchError} when the gateway refuses for good.
 */
export function watchRun(feeds: Feeds, run: string, options: WatchOptions = {}): Watch {
  return watch(feeds, { run }, options);
}

/**
 * The state of a run first, then only the events behind it: for who shows what is, and not how it came about.
 *
 * @param onSnapshot told once, before the first event; `undefined` when nobody has heard of the run yet
 * @throws {WatchError} when the gateway refuses for good, also to tell the state. @throws what fetch throws when the state
 * cannot be read because the gateway is away.
 */
export async function* watchRunFrom(
  feeds: Feeds,
  connection: FeedConnection,
  run: string,
  onSnapshot: (snapshot: RunSnapshot | undefined) => void,
  options: Omit<WatchOptions, 'after'> = {},
): Watch {
  const snapshot = await readRun(connection, run, options.signal);
  onSnapshot(snapshot);
  return yield* watchRun(feeds, run, { ...options, after: snapshot?.position });
}

/** The same for all runs of one session. Does not end by itself, since a session may always get another run. */
export function watchSession(feeds: Feeds, session: string, options: WatchOptions = {}): Watch {
  return watch(feeds, { session }, options);
}

/**
 * A feed as the gateway writes it in a vendor's form, resumed like any other: behind the last frame with a position, so
 * that the first frames of an event that was cut in the middle come again. Of a run it ends when the run has ended.
 *
 * @throws {WatchError} when the gateway refuses for good.
 */
export async function* watchFrames(
  feeds: Feeds,
  key: FeedKey,
  dialect: DialectName,
  options: WatchOptions = {},
): AsyncGenerator<WatchedFrame, void, undefined> {
  for await (const { id, event, data } of framesOf(feeds, { ...options, key, dialect }, options)) {
    yield { data, ...(id !== undefined && { position: id }), ...(event !== undefined && { event }) };
  }
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 500, maxMs: 15_000 };

/** How often a fresh ticket may be refused in a row. */
const MAX_REFUSALS = 3;

async function* watch(feeds: Feeds, key: FeedKey, options: WatchOptions): Watch {
  const frames = framesOf(feeds, { ...options, key }, options);
  try {
    for (;;) {
      const { value, done } = await frames.next();
      if (done) return value;
      if (value.event === undefined) yield readEvent(value);
    }
  } finally {
    // Who breaks off leaves no connection behind.
    await frames.return(undefined);
  }
}

/** The events of a feed, whatever happens to the connection; frames about the feed are dealt with here. */
async function* framesOf(
  feeds: Feeds,
  request: FeedRequest,
  options: WatchOptions,
): AsyncGenerator<SseFrame, FeedEnd | undefined, undefined> {
  const { signal = new AbortController().signal, random = Math.random } = options;
  let backoff = options.backoff ?? DEFAULT_BACKOFF;
  let after = options.after;
  let attempt = 0;
  while (!signal.aborted) {
    const feed = await ('openFeed' in feeds
      ? feeds.openFeed(request, after, signal)
      : openEvents(feeds, request, after, signal));
    if (feed.kind === 'over') return after === undefined ? {} : { position: after };
    if (feed.kind === 'unavailable' && feed.refusal && attempt + 1 >= MAX_REFUSALS) throw feed.refusal;
    if (feed.kind === 'open') {
      options.onOpen?.();
      for await (const frame of feed.frames) {
        attempt = 0;
        if (frame.event === 'end' && frame.id === undefined) return readControl<FeedEnd>(frame);
        if (frame.event === 'reset' && frame.id === undefined) {
          const reset = readControl<FeedReset>(frame);
          if (after !== undefined) options.onGap?.({ after, reason: reset.reason });
          after = undefined;
          options.onReset?.(reset);
        } else {
          after = frame.id ?? after;
          yield frame;
        }
      }
      backoff = { ...backoff, firstMs: feed.retryMs() ?? backoff.firstMs };
    }
    if (signal.aborted) return undefined;
    attempt += 1;
    const { detail, retryAfterMs } = feed.kind === 'open' ? CLOSED : feed;
    const delayMs = Math.max(backoffMs(attempt, backoff, random()), retryAfterMs ?? 0);
    options.onReconnect?.({ attempt, delayMs, detail });
    await pause(delayMs, signal, true);
  }
  return undefined;
}

const CLOSED = { detail: 'the connection was closed', retryAfterMs: undefined };

function readEvent(frame: SseFrame): WatchedEvent {
  if (!frame.id) throw new WatchError('malformed', `an event without a position: ${frame.data.slice(0, 200)}`);
  return { ...readControl<Omit<WatchedEvent, 'position'>>(frame), position: frame.id };
}

function readControl<T>(frame: SseFrame): T {
  try {
    return JSON.parse(frame.data) as T;
  } catch (error) {
    throw new WatchError('malformed', `${String(error)} in ${frame.data.slice(0, 200)}`);
  }
}
