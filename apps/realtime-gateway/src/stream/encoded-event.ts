import { dialects, type Frame } from '@runcast/dialects';
import { formatPosition, type DialectName, type RecordedEvent } from '@runcast/run-events';

/** One event as the clients of one dialect get it: several frames, or none, and the position behind them. */
export interface EncodedEvent {
  readonly position: string;
  readonly frames: readonly Frame[];
  /** The same as SSE: the position is the id of the last frame, so that a cut in between resumes before the event. */
  readonly sse: string;
}

const encoded = new WeakMap<RecordedEvent, Partial<Record<DialectName, EncodedEvent>>>();

/** Encodes once per event and dialect, however many clients watch: a topic gives all of them the same object. */
export function encodeEvent(event: RecordedEvent, dialect: DialectName): EncodedEvent {
  const known = encoded.get(event) ?? {};
  if (known[dialect] !== undefined) return known[dialect];
  const frames = dialects[dialect].encode(event);
  const position = formatPosition(event.position);
  const result = { position, frames, sse: sseText(frames, position) };
  encoded.set(event, { ...known, [dialect]: result });
  return result;
}

function sseText(frames: readonly Frame[], position: string): string {
  const last = frames.length - 1;
  return frames.map((frame, index) => sseFrame(frame, index === last ? position : undefined)).join('');
}

/** One SSE event. `data` is a single line by the contract of Frame, names are ours: nothing can split the frame. */
export function sseFrame(frame: Frame, id?: string): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  const eventLine = frame.event === undefined ? '' : `event: ${frame.event}\n`;
  return `${idLine}${eventLine}data: ${frame.data}\n\n`;
}
