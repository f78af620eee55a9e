export type { Backoff } from './backoff.ts';
export { RuncastClient, type ClientCounts, type RuncastClientOptions } from './runcast-client.ts';
export { HumanInputError, type Question, type WaitOptions } from './sending/await-answer.ts';
export type { DroppedEvent, DropReason, OutgoingEvent, SdkEvent, SdkEventType } from './sending/outgoing.ts';
export {
  RunScope,
  startRun,
  type ModelCall,
  type ModelCallOptions,
  type RunOptions,
  type Sender,
} from './sending/run-scope.ts';
export { WatchError } from './watching/errors.ts';
export type { ChannelLimits } from './watching/channel.ts';
export type { FeedKey, FeedSource, OpenedFeed } from './watching/feed-source.ts';
export { FeedSocket, type FeedSocketOptions } from './watching/feed-socket.ts';
export { openFeed, type FeedConnection } from './watching/open-feed.ts';
export { readRun, type RunSnapshot } from './watching/read-run.ts';
export {
  watchFrames,
  watchRun,
  watchRunFrom,
  watchSession,
  type FeedEnd,
  type FeedGap,
  type FeedReset,
  type Feeds,
  type Watch,
  type WatchedEvent,
  type WatchedFrame,
  type WatchOptions,
} from './watching/watch.ts';
