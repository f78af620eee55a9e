export type { FeedView, FeedViewOptions } from './feed-store.ts';
export { useRun, useSession } from './use-feed.ts';
