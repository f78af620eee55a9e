import type { RecordedEvent } from '@runcast/run-events';

export interface RecentLimits {
  readonly maxEvents: number;
  /** Bounds the raw text kept; what is decoded from it is of the same order. */
  readonly maxCharacters: number;
}

export const DEFAULT_RECENT_LIMITS: RecentLimits = { maxEvents: 1_000, maxCharacters: 1024 * 1024 };

/**
 * The newest events of one feed, without a gap: everything after {@link reachesBackTo} up to {@link tail}.
 * Bounded: the oldest make room, and readers that are further behind read the log instead.
 */
export class RecentEvents {
  private events: RecordedEvent[] = [];
  private characters = 0;
  private from: number;
  private upTo: number;

  constructor(
    tail: number,
    private readonly limits: RecentLimits = DEFAULT_RECENT_LIMITS,
  ) {
    this.from = tail;
    this.upTo = tail;
  }

  /** The sequence up to which the feed is known without a gap. */
  get tail(): number {
    return this.upTo;
  }

  /** The sequence after which every event is here. */
  get reachesBackTo(): number {
    return this.from;
  }

  /** Takes the events that follow the tail; `upTo` is how far the feed is known with them. */
  append(events: readonly RecordedEvent[], upTo: number): void {
    for (const event of events) {
      this.events.push(event);
      this.characters += event.raw.length;
    }
    this.upTo = Math.max(this.upTo, upTo);
    this.makeRoom();
  }

  /** The events after `sequence`, or `undefined` when some of them are no longer here. */
  after(sequence: number): RecordedEvent[] | undefined {
    if (sequence < this.from) return undefined;
    // Readers are nearly always at the very end: look from there.
    let index = this.events.length;
    while (index > 0 && this.events[index - 1]!.position.sequence > sequence) index -= 1;
    return this.events.slice(index);
  }

  private makeRoom(): void {
    let drop = 0;
    while (this.events.length - drop > this.limits.maxEvents || this.characters > this.limits.maxCharacters) {
      const oldest = this.events[drop]!;
      this.characters -= oldest.raw.length;
      this.from = oldest.position.sequence;
      drop += 1;
    }
    if (drop > 0) this.events.splice(0, drop);
  }
}
