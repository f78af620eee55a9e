import { setImmediate as turn } from 'node:timers/promises';
import type { StopSignal } from './stop.ts';
import type { FeedEvent, FeedPage, Topic } from './topic.ts';

export interface FeedBatch {
  readonly events: readonly FeedEvent[];
  /** Whether the reader now holds everything the feed has. */
  readonly caughtUp: boolean;
  /** Whether it is a page of the log: whoever reads there is handed the same list. What is in memory everybody gets in a list of their own. */
  readonly fromLog?: boolean;
}

/** Who is handed a feed. */
export interface FeedReader {
  /**
   * Takes what follows. Answers nothing when it has room for more, else a promise of room: until it resolves nothing is
   * handed over and nothing is kept for this reader.
   */
  take(batch: FeedBatch): Promise<void> | undefined;
  /** Whether it wants no more. Looked at after each batch. */
  readonly done: boolean;
  /** When the feed has been quiet for so long it is given an empty batch; never while it says nothing. */
  readonly wakeAfterMs: number | undefined;
}

const LOG_PAGE = 500;
const RETRY_MS = 250;

/**
 * Hands a feed to one reader: everything after `after`, in order, each event once, then what comes, until the reader is
 * done, the signal aborts, or the topic is replaced.
 *
 * A reader that holds everything and has room is called in the very turn in which the topic tells of an event, with the
 * same batch as all others. One that has no room pulls: when it asks again it gets what follows its own cursor, from
 * memory if that still reaches back far enough, else from the log. So replay, the join with live, falling behind and
 * coming back are one and the same step.
 */
export async function feedInto(
  reader: FeedReader,
  topic: Topic,
  after: number,
  stops: { readonly signal: StopSignal; readonly replaced: StopSignal },
): Promise<void> {
  const at: Place = { cursor: after, ahead: undefined };
  const isOver = (): boolean => reader.done || stops.signal.aborted || stops.replaced.aborted;
  while (!isOver()) {
    if (!(await pull(reader, topic, at, stops.signal)) || isOver() || at.cursor < topic.tail) continue;
    const next = await stayLive(reader, topic, at.cursor, stops.signal);
    if (next === 'closed') return;
    at.cursor = next;
  }
}

/** Where a reader stands. */
interface Place {
  cursor: number;
  /** What follows, where it was asked for before it was needed. */
  ahead: Promise<FeedPage | undefined> | undefined;
}

/**
 * Hands on what follows, and answers whether there was an answer. A function of its own: what a function that waits has
 * held last it goes on to hold, and a client that is live for hours must not hold a page for as long.
 */
async function pull(reader: FeedReader, topic: Topic, at: Place, signal: StopSignal): Promise<boolean> {
  const recent = topic.recentAfter(at.cursor);
  const page = recent ?? (await (at.ahead ?? readOrRetry(topic, at.cursor, signal)));
  at.ahead = undefined;
  if (page === undefined) return false;
  at.cursor = Math.max(at.cursor, page.upTo);
  // The log is read while this page is encoded and written.
  if (topic.recentAfter(at.cursor) === undefined) at.ahead = readOrRetry(topic, at.cursor, signal);
  const caughtUp = at.cursor >= topic.tail;
  const room = reader.take({ events: page.events, caughtUp, fromLog: recent === undefined });
  if (at.ahead !== undefined && room !== undefined && !(await isSoon(room))) at.ahead = undefined;
  await room;
  return true;
}

/** Whether a reader takes what it is given as it comes. For one that does not nothing is held beside what it was given. */
function isSoon(room: Promise<void>): Promise<boolean> {
  return Promise.race([room.then(() => true), turn(false)]);
}

/** Resolves to the cursor when the reader has to pull again, wants no more, or is stopped. */
function stayLive(reader: FeedReader, topic: Topic, from: number, signal: StopSignal): Promise<number | 'closed'> {
  return new Promise((resolve, reject) => {
    let cursor = from;
    const leave = (): void => {
      stopListening();
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    const stop = (): void => {
      leave();
      resolve(cursor);
    };
    const stopListening = topic.onAdvance((advance) => {
      if (advance === 'closed') {
        leave();
        return resolve('closed');
      }
      // It was told while the reader was still pulling, and pulled.
      if (advance.upTo <= cursor) return;
      if (advance.after !== cursor) return stop();
      cursor = advance.upTo;
      const room = taken(reader, { events: advance.events, caughtUp: cursor >= topic.tail });
      if (room === undefined && !reader.done) return void (timer && again(timer, reader));
      leave();
      if (room === undefined) resolve(cursor);
      else room.then(() => resolve(cursor), reject);
    });
    const timer = reader.wakeAfterMs === undefined ? undefined : setTimeout(stop, reader.wakeAfterMs);
    signal.addEventListener('abort', stop);
  });
}

/** What it was handed may have told it what it was waiting to ask. */
function again(timer: NodeJS.Timeout, { wakeAfterMs }: FeedReader): void {
  if (wakeAfterMs === undefined) clearTimeout(timer);
  else timer.refresh();
}

/** What one reader throws must not reach the others, who are told in the same loop. */
function taken(reader: FeedReader, batch: FeedBatch): Promise<void> | undefined {
  try {
    return reader.take(batch);
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/** The same as batches to loop over, for readers inside this process. */
export async function* follow(topic: Topic, after: number, signal: StopSignal): AsyncGenerator<FeedBatch, void, void> {
  let cursor = after;
  while (!signal.aborted) {
    const page = topic.recentAfter(cursor) ?? (await readOrRetry(topic, cursor, signal));
    if (page === undefined) continue;
    cursor = Math.max(cursor, page.upTo);
    yield { events: page.events, caughtUp: cursor >= topic.tail };
    if (cursor >= topic.tail && (await advanced(topic, cursor, signal)) === 'closed') return;
  }
}

/** The log may be away: the client keeps its connection and its place. */
async function readOrRetry(topic: Topic, cursor: number, signal: StopSignal): Promise<FeedPage | undefined> {
  try {
    const page = await topic.readAfter(cursor, LOG_PAGE);
    if (page.upTo > cursor || topic.tail <= cursor) return page;
  } catch {
    // Said once by the topic's own catch-up, not once per reader.
  }
  await pause(RETRY_MS, signal);
  return undefined;
}

/** Shorter when it is told to stop. */
function pause(ms: number, signal: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, signal.aborted ? 0 : ms);
    signal.addEventListener('abort', end);
  });
}

function advanced(topic: Topic, cursor: number, signal: StopSignal): Promise<'moved' | 'closed'> {
  if (topic.tail > cursor || signal.aborted) return Promise.resolve('moved');
  return new Promise((resolve) => {
    const wake = (why: 'moved' | 'closed'): void => {
      stopListening();
      signal.removeEventListener('abort', onAbort);
      resolve(why);
    };
    const onAbort = (): void => wake('moved');
    const stopListening = topic.onAdvance((advance) => {
      if (advance === 'closed') wake('closed');
      else if (advance.upTo > cursor) wake('moved');
    });
    signal.addEventListener('abort', onAbort);
  });
}
