import type { Position, RecordedEvent, RecordedLink } from '@runcast/run-events';

/** One record of the log, as the projection takes it. */
export type LogEntry =
  | { readonly kind: 'event'; readonly event: RecordedEvent; readonly traceparent?: string }
  | { readonly kind: 'link'; readonly link: RecordedLink }
  /** A record whose bytes could not be decoded. It is parked as it is, so that nothing of the log is ever dropped. */
  | {
      readonly kind: 'unreadable';
      readonly position: Position;
      readonly subject: string;
      readonly bytes: Uint8Array;
      readonly reason: string;
    };

export function positionOf(entry: LogEntry): Position {
  switch (entry.kind) {
    case 'event':
      return entry.event.position;
    case 'link':
      return entry.link.position;
    case 'unreadable':
      return entry.position;
  }
}

/** About how many bytes the entry will take on its way into the tables. */
export function weightOf(entry: LogEntry): number {
  switch (entry.kind) {
    case 'event':
      return 2 * entry.event.raw.length; // once as raw, once as data
    case 'link':
      return 0;
    case 'unreadable':
      return entry.bytes.length;
  }
}
