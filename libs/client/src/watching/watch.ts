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
  /** Ends the watch quietly. */
  readonly signal?: AbortSignal | undefined;
  /** The feed starts again from its beginning: forget what was shown. */
  readonly onReset?: (reset: FeedReset) => void;
  /** The connection was lost or could not be had; the next attempt follows after `delayMs`. */
  readonly onReconnect?: (reconnect: { attempt: number; delayMs: number; detail: string }) => void;
  readonly backoff?: Backoff;
  readonly random?: () => number;
}

export type Watch = AsyncGenerator<WatchedEvent, FeedEnd | undefined, undefined>;

/**
 * The events of one run: those that are there, then each as it is stored. In log order, each once, whatever happens
 * to the connection. Ends when the run has ended.
 *
 * @throws {WatchError} when the gateway refuses for good.
 */
export function watchRun(connection: FeedConnection, run: string, options: WatchOptions = {}): Watch {
  return watch(
    connection,
    `/v1/runs/${encodeURIComponent(run)}/stream${options.follow ? '?follow=true' : ''}`,
    options,
  );
}

/** The same for all runs of one session. Does not end by itself, since a session may always get another run. */
export function watchSession(connection: FeedConnection, session: string, options: WatchOptions = {}): Watch {
  return watch(connection, `/v1/sessions/${encodeURIComponent(session)}/stream`, options);
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 500, maxMs: 15_000 };

async function* watch(connection: FeedConnection, path: string, options: WatchOptions): Watch {
  const { signal = new AbortController().signal, random = Math.random } = options;
  let backoff = options.backoff ?? DEFAULT_BACKOFF;
  let after = options.after;
  let attempt = 0;
  while (!signal.aborted) {
    const feed = await openFeed(connection, path, after, signal);
    if (feed.kind === 'over') return after === undefined ? {} : { position: after };
    if (feed.kind === 'open') {
      for await (const frame of feed.frames) {
        attempt = 0;
        if (frame.event === 'end') return readControl<FeedEnd>(frame);
        if (frame.event === 'reset') {
          after = undefined;
          options.onReset?.(readControl<FeedReset>(frame));
        } else if (frame.event === undefined) {
          const event = readEvent(frame);
          after = event.position;
          yield event;
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
