import { BEFORE_THE_START, endingAfter } from '@runcast/run-events';
import { follow } from '../feeds/follow.ts';
import type { FeedEvent } from '../feeds/topic.ts';
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
  let ending = BEFORE_THE_START;
  try {
    const { topic, replaced } = feed.lease;
    for await (const { events, caughtUp } of follow(topic, 0, AbortSignal.any([signal, replaced]))) {
      events.forEach(onEvent);
      ending = events.reduce(endingAfter, ending);
      if (caughtUp && ending.end !== 'running') return true;
    }
    return false;
  } finally {
    feed.lease.release();
  }
}
