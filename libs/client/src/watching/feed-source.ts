import type { DialectName, Level } from '@runcast/run-events';
import type { SseFrame } from './sse-parser.ts';
import type { WatchError } from './errors.ts';

/** What is watched. */
export type FeedKey = { readonly run: string } | { readonly session: string };

/** Which of a feed's events, and in which form. */
export interface FeedRequest {
  readonly key: FeedKey;
  readonly follow?: boolean | undefined;
  readonly types?: readonly string[] | undefined;
  readonly level?: Level | undefined;
  readonly dialect?: DialectName | undefined;
}

export type OpenedFeed =
  /** The frames end without an error when the connection breaks: for a feed, that is one of the ways of being closed. */
  | {
      readonly kind: 'open';
      readonly frames: AsyncGenerator<SseFrame, void>;
      /** How long the gateway asks to wait before coming back, as far as it has said by now. */
      readonly retryMs: () => number | undefined;
    }
  /** The run is over and nothing follows the position. */
  | { readonly kind: 'over' }
  | {
      readonly kind: 'unavailable';
      readonly detail: string;
      readonly retryAfterMs?: number | undefined;
      /** What it comes to when further attempts, each with a fresh ticket, are answered the same. */
      readonly refusal?: WatchError;
    };

/** Opens feeds in a way of its own; see {@link FeedSocket}. */
export interface FeedSource {
  /**
   * Opens a feed behind `after`. What a later attempt may mend comes back as `unavailable`.
   *
   * @throws {WatchError} what no attempt will mend: the key, the path, the position's form.
   */
  openFeed(request: FeedRequest, after: string | undefined, signal: AbortSignal): Promise<OpenedFeed>;
}
