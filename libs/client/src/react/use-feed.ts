import { useMemo, useSyncExternalStore } from 'react';
import type { FeedKey } from '../watching/feed-source.ts';
import type { Feeds } from '../watching/watch.ts';
import { FeedStore, type FeedView, type FeedViewOptions } from './feed-store.ts';

/**
 * A run, live, for as long as the component is there.
 *
 * @param feeds made once, outside of the component or with `useMemo`: another object is another connection
 */
export function useRun(feeds: Feeds, run: string, options: FeedViewOptions = {}): FeedView {
  return useFeed(feeds, 'run', run, options);
}

/** A session, live: the events of all its runs in one order. */
export function useSession(feeds: Feeds, session: string, options: FeedViewOptions = {}): FeedView {
  return useFeed(feeds, 'session', session, options);
}

function useFeed(feeds: Feeds, kind: 'run' | 'session', id: string, options: FeedViewOptions): FeedView {
  // By content: most callers write the options into the call, and make them anew with each rendering.
  const wanted = JSON.stringify(options);
  const store = useMemo(() => {
    const key: FeedKey = kind === 'run' ? { run: id } : { session: id };
    return new FeedStore(feeds, key, JSON.parse(wanted) as FeedViewOptions);
  }, [feeds, kind, id, wanted]);
  return useSyncExternalStore(store.subscribe, store.view, store.view);
}
