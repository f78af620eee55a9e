import { setTimeout as sleep } from 'node:timers/promises';
import type { FeedEvent, FeedPage, Topic } from './topic.ts';

export interface FeedBatch {
  readonly events: readonly FeedEvent[];
  /** Whether the reader now holds everything the feed has. */
  readonly caughtUp: boolean;
}

const LOG_PAGE = 500;
const RETRY_MS = 250;

/**
 * A feed for one reader: everything after `after`, in order, each event once, then what comes, until the signal aborts.
 *
 * The reader pulls: while it is busy writing to a slow client nothing is kept for it, and when it asks again it gets
 * what follows its own cursor, from memory if that still reaches back far enough, else from the log. So replay, the
 * join with live, falling behind and coming back are one and the same step.
 *
 * When the feed has been quiet for as long as `wakeAfter` says, the reader is given an empty batch.
 */
export async function* follow(
  topic: Topic,
  after: number,
  signal: AbortSignal,
  wakeAfter: () => number | undefined = () => undefined,
): AsyncGenerator<FeedBatch, void, void> {
  let cursor = after;
  while (!signal.aborted) {
    const page = topic.recentAfter(cursor) ?? (await readOrRetry(topic, cursor, signal));
    if (page === undefined) continue;
    cursor = Math.max(cursor, page.upTo);
    yield { events: page.events, caughtUp: cursor >= topic.tail };
    if (cursor >= topic.tail) await advanced(topic, cursor, signal, wakeAfter());
  }
}

/** The log may be away: the client keeps its connection and its place. */
async function readOrRetry(topic: Topic, cursor: number, signal: AbortSignal): Promise<FeedPage | undefined> {
  try {
    const page = await topic.readAfter(cursor, LOG_PAGE);
    if (page.upTo > cursor || topic.tail <= cursor) return page;
  } catch {
    // Said once by the topic's own catch-up, not once per reader.
  }
  await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  return undefined;
}

function advanced(topic: Topic, cursor: number, signal: AbortSignal, atMostMs: number | undefined): Promise<void> {
  if (topic.tail > cursor || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      stopListening();
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const stopListening = topic.onAdvance(wake);
    const timer = atMostMs === undefined ? undefined : setTimeout(wake, atMostMs);
    signal.addEventListener('abort', wake, { once: true });
  });
}
