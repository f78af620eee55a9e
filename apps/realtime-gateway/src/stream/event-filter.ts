import { LEVELS, type Level, type RecordedEvent } from '@runcast/run-events';

/** What a client wants to see of a feed. Its position moves over what is left out all the same. */
export interface EventFilter {
  /** Only these types; all when absent. */
  readonly types?: ReadonlySet<string>;
  /** Only events at least this loud. */
  readonly level?: Level;
}

export function passes(filter: EventFilter, event: RecordedEvent): boolean {
  if (filter.types !== undefined && !filter.types.has(event.type)) return false;
  return filter.level === undefined || LEVELS.indexOf(event.level) >= LEVELS.indexOf(filter.level);
}
