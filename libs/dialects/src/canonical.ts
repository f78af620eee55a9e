import { isCanonicalEventType, type CanonicalEvent, type RecordedEvent } from '@runcast/run-events';

/** The event with its data typed, when its type is canonical. Its data fits: the decoder that made it saw to that. */
export function asCanonical(event: RecordedEvent): CanonicalEvent | undefined {
  return isCanonicalEventType(event.type) ? (event as CanonicalEvent) : undefined;
}
