export type { Backoff } from './backoff.ts';
export { RuncastClient, type ClientCounts, type RuncastClientOptions } from './runcast-client.ts';
export type { DroppedEvent, DropReason, OutgoingEvent, SdkEvent, SdkEventType } from './sending/outgoing.ts';
export { WatchError } from './watching/errors.ts';
export { openFeed, type FeedConnection, type OpenedFeed } from './watching/open-feed.ts';
export {
  watchFrames,
  watchRun,
  watchSession,
  type FeedEnd,
  type FeedKey,
  type FeedReset,
  type Watch,
  type WatchedEvent,
  type WatchedFrame,
  type WatchOptions,
} from './watching/watch.ts';
