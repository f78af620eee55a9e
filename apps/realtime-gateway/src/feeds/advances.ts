import type { Advance, FeedEvent } from './topic.ts';

export type OnAdvance = (advance: Advance | 'closed') => void;

/**
 * Tells the readers of a topic how its tail has moved, once a turn of the event loop: what arrives together, as a batch
 * does, is told together and leaves in one write to each client.
 */
export class Advances {
  private readonly listeners = new Set<OnAdvance>();
  private events: FeedEvent[] = [];
  private told = 0;
  private upTo = 0;
  private scheduled = false;
  private closed = false;

  /** Everything up to here is known to whoever asks the topic itself. */
  beginAt(tail: number): void {
    this.told = tail;
    this.upTo = tail;
  }

  add(listener: OnAdvance): () => void {
    // A topic that is closed moves no more, and whoever waits for it would wait for ever.
    if (this.closed) queueMicrotask(() => listener('closed'));
    else this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The tail has moved to `upTo`, over these events. */
  push(events: readonly FeedEvent[], upTo: number): void {
    // Nobody to tell: a reader that comes later asks the topic.
    if (this.listeners.size === 0) return this.skipTo(upTo);
    for (const event of events) this.events.push(event);
    this.upTo = upTo;
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.tell();
    });
  }

  close(): void {
    this.closed = true;
    for (const listener of [...this.listeners]) listener('closed');
    this.listeners.clear();
  }

  private tell(): void {
    const advance: Advance = { after: this.told, upTo: this.upTo, events: this.events };
    this.skipTo(this.upTo);
    if (advance.upTo > advance.after) for (const listener of this.listeners) listener(advance);
  }

  private skipTo(upTo: number): void {
    this.events = [];
    this.told = upTo;
    this.upTo = upTo;
  }
}
