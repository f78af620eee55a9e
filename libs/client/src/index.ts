export type { Backoff } from './backoff.ts';
export { RuncastClient, type ClientCounts, type RuncastClientOptions } from './runcast-client.ts';
export type { DroppedEvent, DropReason, OutgoingEvent, SdkEvent, SdkEventType } from './sending/outgoing.ts';
export { WatchError } from './watching/errors.ts';
export type { FeedConnection } from './watching/open-feed.ts';
export {
  watchRun,
  watchSession,
  type FeedEnd,
  type FeedReset,
  type Watch,
  type WatchedEvent,
  type WatchOptions,
} from './watching/watch.ts';
