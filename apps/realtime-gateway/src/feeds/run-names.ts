import type { RecordedEvent } from '@runcast/run-events';
import type { FeedEvent, Names } from './topic.ts';

/** Only the first events of a run are looked at: whoever opens a feed later must come to the same names. */
export const NAMING_EVENTS = 256;

const KINDS = ['session', 'agent', 'flow'] as const;

/**
 * What a run is called. A name counts from the event that gives it first, if that is among the run's first
 * {@link NAMING_EVENTS}: a rule over the log alone, so that every reader is told the same of every event.
 */
export class RunNames {
  private readonly first: Partial<Record<keyof Names, { readonly value: string; readonly since: number }>> = {};
  private seen = 0;
  private seenUpTo = 0;

  /** Whether later events may still say something new. */
  get isOpen(): boolean {
    return this.seen < NAMING_EVENTS;
  }

  /** Takes the run's events in order, from its first on. Those that it has seen are passed over. */
  learn(event: RecordedEvent): void {
    const { sequence } = event.position;
    if (!this.isOpen || sequence <= this.seenUpTo) return;
    this.seen += 1;
    this.seenUpTo = sequence;
    for (const kind of KINDS) {
      const value = event[kind];
      if (value !== undefined) this.first[kind] ??= { value, since: sequence };
    }
  }

  /** The event with the names that the run had by then and the event does not give itself. */
  named(event: RecordedEvent): FeedEvent {
    let known: Record<string, string> | undefined;
    for (const kind of KINDS) {
      const name = this.first[kind];
      if (name && event[kind] === undefined && name.since < event.position.sequence)
        known = { ...known, [kind]: name.value };
    }
    return known === undefined ? event : { ...event, known };
  }
}
