import type { CanonicalEventType, EventData, JsonObject, Level } from '@runcast/run-events';

/**
 * One event as `POST /v1/events` takes it. `id` and `occurred_at` are filled in when left out. A canonical type has
 * its data typed; any other type of 1..128 bytes may carry any object.
 */
export interface OutgoingEvent<T extends string = string> {
  readonly type: T;
  readonly run: string;
  readonly id?: string | undefined;
  readonly session?: string | undefined;
  readonly agent?: string | undefined;
  readonly flow?: string | undefined;
  readonly level?: Level | undefined;
  /** RFC 3339 with a time zone. */
  readonly occurred_at?: string | undefined;
  readonly data?: T extends CanonicalEventType ? EventData[T] : JsonObject;
}

export type SdkEventType =
  'run_start' | 'step' | 'tool_call' | 'human_input_requested' | 'human_input_received' | 'run_end' | 'error';

/** One event as the agent-os SDK sends it to `POST /api/ingest`. */
export interface SdkEvent {
  readonly event_type: SdkEventType;
  readonly sdk_run_id: string;
  readonly payload: JsonObject;
  readonly agent_name?: string | undefined;
  readonly session_id?: string | undefined;
  readonly occurred_at?: string | undefined;
}

/** An event on its way: its text is fixed, so that every retry sends the same bytes under the same id. */
export interface Parcel {
  /** Counts up from 1 in the order of sending. */
  readonly ordinal: number;
  readonly door: 'events' | 'sdk-ingest';
  readonly id: string;
  readonly run: string;
  readonly type: string;
  readonly text: string;
}

/** Why an event will not arrive. */
export type DropReason =
  /** The buffer was full, and this was the oldest event in it. */
  | 'buffer-full'
  /** It cannot be written as JSON (a cycle, a BigInt). */
  | 'unserializable'
  /** The gateway looked at it and will not have it. */
  | 'refused'
  /** The client was closed first. If it was under way at that moment, it may have been stored all the same. */
  | 'closed';

export interface DroppedEvent {
  readonly id: string;
  readonly run: string;
  readonly type: string;
  readonly reason: DropReason;
  /** The gateway's or the serializer's own words. */
  readonly detail?: string | undefined;
}
