import { follow } from '../feeds/follow.ts';
import type { FeedEvent } from '../feeds/topic.ts';
import { overAfter, type RunEnd } from '../stream/run-end.ts';
import type { OpenFeed } from '../stream/serve-feed.ts';

/**
 * Reads a run to its end, for clients that want one answer and no stream. Resolves to whether it has ended: `signal` may
 * abort before, and leaves the run as it is. Releases the feed.
 */
export async function untilOver(
  feed: OpenFeed,
  signal: AbortSignal,
  onEvent: (event: FeedEvent) => void,
): Promise<boolean> {
  let state: RunEnd;
  try {
    const { topic, replaced } = feed.lease;
    for await (const { events, caughtUp } of follow(topic, 0, AbortSignal.any([signal, replaced]))) {
      events.forEach(onEvent);
      state = events.reduce(overAfter, state);
      if (caughtUp && (state === 'over' || state === 'stale')) return true;
    }
    return false;
  } finally {
    feed.lease.release();
  }
}
