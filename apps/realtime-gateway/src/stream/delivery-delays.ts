import { timestampToMs } from '@runcast/run-events';
import type { FeedEvent } from '../feeds/topic.ts';

/**
 * How long events wait from the log's time stamp to being written, observed once for all clients that are handed the same:
 * for the last of them, who waited longest. A thousand observations of one event would cost as much as writing it.
 */
export class DeliveryDelays {
  private events: readonly FeedEvent[] | undefined;
  private storedAtMs = 0;
  private worstMs = 0;

  constructor(
    private readonly observe: (seconds: number) => void,
    private readonly now: () => number = Date.now,
    private readonly later: (work: () => void) => void = setImmediate,
  ) {}

  /** One client has been written these; there is at least one. */
  written(events: readonly FeedEvent[]): void {
    if (events !== this.events) this.begin(events);
    this.worstMs = Math.max(this.worstMs, this.now() - this.storedAtMs);
  }

  private begin(events: readonly FeedEvent[]): void {
    // What comes in between is written to others: each of them is told of.
    if (this.events === undefined) this.later(() => this.tell());
    else this.observe(this.worstMs / 1_000);
    this.events = events;
    this.storedAtMs = timestampToMs(events[0]!.receivedAt);
    this.worstMs = 0;
  }

  private tell(): void {
    this.events = undefined;
    this.observe(this.worstMs / 1_000);
  }
}
