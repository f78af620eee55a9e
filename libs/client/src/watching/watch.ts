import type { DialectName, JsonObject, Level } from '@runcast/run-events';
import { backoffMs, type Backoff } from '../backoff.ts';
import { pause } from '../pause.ts';
import { WatchError } from './errors.ts';
import { openFeed, type FeedConnection } from './open-feed.ts';
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
  /** The feed is open, for the first time or again: what follows is behind the last event. */
  readonly onOpen?: () => void;
  /** The connection was lost or could not be had; the next attempt follows after `delayMs`. */
  readonly onReconnect?: (reconnect: { attempt: number; delayMs: number; detail: string }) => void;
  readonly backoff?: Backoff;
  readonly random?: () => number;
}

/** What is watched. */
export type FeedKey = { readonly run: string } | { readonly session: string };

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
export function watchRun(connection: FeedConnection, run: string, options: WatchOptions = {}): Watch {
  return watch(connection, { run }, options);
}

/** The same for all runs of one session. Does not end by itself, since a session may always get another run. */
export function watchSession(connection: FeedConnection, session: string, options: WatchOptions = {}): Watch {
  return watch(connection, { session }, options);
}

/**
 * A feed as the gateway writes it in a vendor's form, resumed like any other: behind the last frame with a position, so
 * that the first frames of an event that was cut in the middle come again. Of a run it ends when the run has ended.
 *
 * @throws {WatchError} when the gateway refuses for good.
 */
export async function* watchFrames(
  connection: FeedConnection,
  key: FeedKey,
  dialect: DialectName,
  options: WatchOptions = {},
): AsyncGenerator<WatchedFrame, void, undefined> {
  for await (const { id, event, data } of framesOf(connection, pathOf(key, { ...options, dialect }), options)) {
    yield { data, ...(id !== undefined && { position: id }), ...(event !== undefined && { event }) };
  }
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 500, maxMs: 15_000 };

async function* watch(connection: FeedConnection, key: FeedKey, options: WatchOptions): Watch {
  const frames = framesOf(connection, pathOf(key, options), options);
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
  connection: FeedConnection,
  path: string,
  options: WatchOptions,
): AsyncGenerator<SseFrame, FeedEnd | undefined, undefined> {
  const { signal = new AbortController().signal, random = Math.random } = options;
  let backoff = options.backoff ?? DEFAULT_BACKOFF;
  let after = options.after;
  let attempt = 0;
  while (!signal.aborted) {
    const feed = await openFeed(connection, path, after, signal);
    if (feed.kind === 'over') return after === undefined ? {} : { position: after };
    if (feed.kind === 'open') {
      options.onOpen?.();
      for await (const frame of feed.frames) {
        attempt = 0;
        if (frame.event === 'end' && frame.id === undefined) return readControl<FeedEnd>(frame);
        if (frame.event === 'reset' && frame.id === undefined) {
          after = undefined;
          options.onReset?.(readControl<FeedReset>(frame));
        } else {
          after = frame.id ?? after;
          yield frame;
        }
      }
      backoff = { ...backoff, firstMs: feed.parser.retryMs ?? backoff.firstMs };
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

function pathOf(key: FeedKey, { follow, types, level, dialect }: WatchOptions & { dialect?: DialectName }): string {
  const [list, id] = 'run' in key ? ['runs', key.run] : ['sessions', key.session];
  const query = new URLSearchParams({
    ...(follow && { follow: 'true' }),
    ...(types && { types: types.join(',') }),
    ...(level !== undefined && { level }),
    ...(dialect !== undefined && { dialect }),
  }).toString();
  return `/v1/${list}/${encodeURIComponent(id)}/stream${query && `?${query}`}`;
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
