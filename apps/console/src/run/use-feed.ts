import { useEffect, useState, useSyncExternalStore } from 'react';
import { useAccess } from '../access/access.tsx';
import { LiveFeed, type Arrival, type FeedSnapshot, type Watched } from '../live/run-feed.ts';

const NOTHING: FeedSnapshot = { version: 0, events: [], state: { kind: 'connecting' } };

/** The events of what is watched, as long as the page that shows them is open. `watched` and `onArrival` must not change. */
export function useFeed(watched: Watched, onArrival?: (arrival: Arrival) => void): FeedSnapshot {
  const { connection } = useAccess();
  const [feed, setFeed] = useState<LiveFeed>();
  const id = JSON.stringify(watched);
  useEffect(() => {
    const opened = new LiveFeed(connection, JSON.parse(id) as Watched, onArrival);
    setFeed(opened);
    return () => opened.close();
  }, [connection, id, onArrival]);
  return useSyncExternalStore(feed?.subscribe ?? never, feed?.snapshot ?? (() => NOTHING));
}

function never(): () => void {
  return () => undefined;
}
