import type { DialectName, FieldProblem, RecordedEvent, RunEvent, Timestamp } from '@runcast/run-events';
import type { Mapping } from './mapping.ts';

/** One wire event as the JSON text that came in. */
export type WireText = string;

/** What path and query say about an event whose own text leaves it out. The event's own words win. */
export interface Hints {
  readonly run?: string;
  readonly session?: string;
  readonly agent?: string;
  readonly flow?: string;
}

/** Everything a decoder may know besides the text: decoding is pure, so clock and ids come in. */
export interface DecodeContext {
  /** From the credential; never from the event. */
  readonly tenant: string;
  readonly now: Timestamp;
  newId(): string;
  /** Stable for ever, in characters that are legal in an id: a retry of the same text must get the same event id. */
  hash(text: string): string;
  /** Names the event where its own text does not. */
  readonly idempotencyKey?: string;
  readonly hints?: Hints;
}

export type Decoded = { ok: true; event: RunEvent } | { ok: false; problems: FieldProblem[] };

/**
 * One message to a client: an SSE event, a WebSocket text or a list item. `data` is a single line. Positions are the
 * transport's business, so a frame has none; the runcast dialect alone writes it into its JSON.
 */
export interface Frame {
  /** The SSE event name, in dialects that have one. */
  readonly event?: string;
  readonly data: string;
}

/** One vendor's wire format, both ways. */
export interface Dialect {
  readonly name: DialectName;
  /** What becomes of each canonical event type in this format; proved by the round-trip spec, shown in the docs. */
  readonly mapping: Mapping;
  /** Reads one wire event. Total: any text gives an event or the problems with it, never a throw. */
  decode(wire: WireText, context: DecodeContext): Decoded;
  /**
   * The event in this format: no frame where the format cannot say it, several where it takes several. An event that
   * came in through this dialect leaves it as the text that came in.
   *
   * Pure and one event at a time. An event need not name its session, agent and flow, and clients of some formats
   * expect them on each: a feed that knows them fills them in before it encodes.
   */
  encode(event: RecordedEvent): Frame[];
}

/** A frame as one JSON text, the form in which a recorded event stream is taken in: `{"event": name, "data": …}`. */
export function recordedForm(frame: Frame): WireText {
  if (frame.event !== undefined) return `{"event":${JSON.stringify(frame.event)},"data":${frame.data}}`;
  return frame.data.startsWith('{') ? frame.data : `{"data":${JSON.stringify(frame.data)}}`;
}

/** A frame around one JSON object; members that are undefined are left out. */
export function frameOf(body: object, event?: string): Frame {
  const data = JSON.stringify(body);
  return event === undefined ? { data } : { event, data };
}
