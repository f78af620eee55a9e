import type { DialectName } from './dialect-names.ts';
import type { CanonicalEventType, EventData } from './event-types.ts';
import type { JsonObject } from './json-text.ts';
import type { Position } from './position.ts';
import type { Timestamp } from './timestamps.ts';

export const LEVELS = ['debug', 'info', 'warning', 'error'] as const;
/** How loud an event is; feeds can be filtered by it. */
export type Level = (typeof LEVELS)[number];

/** One past fact about a run, as it is appended to the log. */
export interface RunEvent {
  /** Unique within (tenant, run): the same id any number of times is one event. */
  readonly id: string;
  /** Always from the credential, never from the event. */
  readonly tenant: string;
  readonly run: string;
  readonly session?: string;
  readonly agent?: string;
  readonly flow?: string;
  /**
   * A {@link CanonicalEventType}, or any other name: vendors' events without a counterpart are called
   * `<dialect>.<their type>`, and `POST /v1/events` takes any type of 1..128 bytes.
   */
  readonly type: string;
  readonly level: Level;
  /** When it happened, as its sender says; the gateway's clock where the sender says nothing. */
  readonly occurredAt: Timestamp;
  /** The wire format it came in through. */
  readonly dialect: DialectName;
  /** The facts in canonical terms: {@link EventData} for a canonical type. */
  readonly data: JsonObject;
  /** The JSON text that came in, byte for byte but for its secrets. The same dialect gives it back unchanged. */
  readonly raw: string;
  /**
   * Where in `raw` secrets were replaced by `[redacted:<rule>]` before the event was stored, e.g.
   * `payload.headers.authorization`; absent when nothing was.
   */
  readonly redacted?: readonly string[];
}

/** A {@link RunEvent} that stands in the log. */
export interface RecordedEvent extends RunEvent {
  readonly position: Position;
  /** When the log stored it: the stream's own clock, so it never runs backwards along positions. */
  readonly receivedAt: Timestamp;
}

/** An event whose type is canonical, with its data typed accordingly. */
export type CanonicalEvent<E extends RunEvent = RecordedEvent> = {
  [T in CanonicalEventType]: Omit<E, 'type' | 'data'> & { readonly type: T; readonly data: EventData[T] };
}[CanonicalEventType];

export function isLevel(value: unknown): value is Level {
  return LEVELS.includes(value as Level);
}
