import { useMemo, useRef } from 'react';
import type { WatchedEvent } from '@runcast/client';
import type { FeedSnapshot } from '../live/run-feed.ts';
import type { Span } from '../waterfall/span.ts';

interface Spans {
  add(event: WatchedEvent): void;
  spans(): Span[];
}

/** The spans of a feed's events, each of which is looked at once, and their extent. `begin` must not change. */
export function useSpans({ version, events }: FeedSnapshot, begin: () => Spans) {
  const folded = useRef({ tree: undefined as Spans | undefined, count: 0 });
  return useMemo(() => {
    const known = folded.current;
    // A feed that began anew is shorter than what was looked at.
    const isAnew = known.tree === undefined || known.count > events.length;
    const tree = isAnew ? begin() : known.tree!;
    for (const event of events.slice(isAnew ? 0 : known.count)) tree.add(event);
    folded.current = { tree, count: events.length };
    const spans = tree.spans();
    return {
      spans,
      startMs: spans.reduce((first, { startMs }) => Math.min(first, startMs), Infinity),
      lastMs: spans.reduce((last, { endMs = 0 }) => Math.max(last, endMs), 0),
      isRunning: spans.some(({ state }) => state === 'running'),
    };
    // The array is the same one each time; the version tells that it has grown.
  }, [version, events, begin]);
}
