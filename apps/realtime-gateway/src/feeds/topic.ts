import type { RecordedEvent } from '@runcast/run-events';
import type { OnAdvance } from './advances.ts';

/** What a run is called, beside its id. */
export interface Names {
  readonly session?: string;
  readonly agent?: string;
  readonly flow?: string;
}

/** An event on its way to readers. */
export interface FeedEvent extends RecordedEvent {
  /** What the event does not say itself and is known all the same. Not part of the event as it was sent. */
  readonly known?: Names;
  /** Names the span that caused it, where it was traced. */
  readonly traceparent?: string;
}

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** Every event of the feed up to this sequence is in this page or before it. */
  readonly upTo: number;
}

/** How a topic's tail has moved: over these events and no others. */
export interface Advance {
  readonly after: number;
  readonly upTo: number;
  readonly events: readonly FeedEvent[];
}

/**
 * One watched feed (a run's or a session's) in this process, shared by everyone who watches it here.
 *
 * Whatever core NATS loses, doubles or delays, {@link tail} only moves over sequences whose events are all known.
 */
export interface Topic {
  /** Resolves when live messages arrive and the tail is known. */
  open(): Promise<void>;
  /** The sequence up to which the feed is known without a gap. */
  readonly tail: number;
  /** The feed after a sequence from memory; `undefined` when memory does not reach back that far. */
  recentAfter(sequence: number): FeedPage | undefined;
  /** The feed after a sequence from the log. */
  readAfter(sequence: number, limit: number): Promise<FeedPage>;
  /** Calls back after the tail has moved, soon but not at once, and when the topic is closed. Answers how to stop it. */
  onAdvance(listener: OnAdvance): () => void;
  /** The subjects whose newest sequences tell whether something was missed. */
  subjects(): readonly string[];
  /** The sequence up to which a server was asked what stands on {@link subjects}. */
  verifiedUpTo: number;
  /** Something up to `sequence` may stand in the log that has not been delivered: fetch it. */
  missed(sequence: number): void;
  /** Lets go of every event that is kept in memory, since some may have been erased. Readers go on from the log. */
  forget(): void;
  close(): void;
}
