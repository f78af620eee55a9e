import { useEffect, useState, useSyncExternalStore } from 'react';
import { useAccess } from '../access/access.tsx';
import { useLink } from '../live/link.tsx';
import { LiveFeed, type FeedSnapshot, type Watched } from '../live/run-feed.ts';

const NOTHING: FeedSnapshot = { version: 0, events: [], state: { kind: 'connecting' } };

/** The events of what is watched, as long as the page that shows them is open. */
export function useFeed(watched: Watched): FeedSnapshot {
  const { connection } = useAccess();
  const { noteShown } = useLink();
  const [feed, setFeed] = useState<LiveFeed>();
  const id = JSON.stringify(watched);
  useEffect(() => {
    const opened = new LiveFeed(connection, JSON.parse(id) as Watched, noteShown);
    setFeed(opened);
    return () => opened.close();
  }, [connection, id, noteShown]);
  return useSyncExternalStore(feed?.subscribe ?? never, feed?.snapshot ?? (() => NOTHING));
}

function never(): () => void {
  return () => undefined;
}
