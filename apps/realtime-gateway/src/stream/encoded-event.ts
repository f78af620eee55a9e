import { dialects, type Frame } from '@runcast/dialects';
import { DIALECT_NAMES, formatPosition, type DialectName, type Position } from '@runcast/run-events';
import type { FeedEvent } from '../feeds/topic.ts';

/** One event as the clients of one format get it: several frames, or none, and the position behind them. */
export class EncodedEvent {
  private sseForm: string | undefined;

  constructor(
    readonly frames: readonly Frame[],
    private readonly at: Position,
  ) {}

  get position(): string {
    return formatPosition(this.at);
  }

  /** The same as SSE: the position is the id of the last frame, so that a cut in between resumes before the event. */
  get sse(): string {
    return (this.sseForm ??= sseText(this.frames, this.position));
  }
}

const encoded = new Map(DIALECT_NAMES.map((dialect) => [dialect, new WeakMap<FeedEvent, EncodedEvent>()]));

/** Encodes once per event and dialect, however many clients watch: a topic gives all of them the same object. */
export function encodeEvent(event: FeedEvent, dialect: DialectName): EncodedEvent {
  const known = encoded.get(dialect)!.get(event);
  if (known !== undefined) return known;
  const result = encodeOnce(event, dialect);
  encoded.get(dialect)!.set(event, result);
  return result;
}

/** Encodes what nobody will ask for again: to remember an event takes longer than to encode it. */
export function encodeOnce(event: FeedEvent, dialect: DialectName): EncodedEvent {
  // Our own form is given back as it was sent; vendors' clients expect the names on every event.
  const named = dialect === 'runcast' ? event : withNames(event);
  return new EncodedEvent(dialects[dialect].encode(named), event.position);
}

/** The event as if it had said itself what is known of it. */
export function withNames(event: FeedEvent): FeedEvent {
  return event.known === undefined ? event : { ...event, ...event.known };
}

/** Says that a vendor's stream is over. No event, so it must not carry a position. */
export const DONE = '[DONE]';

function sseText(frames: readonly Frame[], position: string): string {
  const last = frames.findLastIndex(({ data }) => data !== DONE);
  // With nothing else to carry it, the position stands alone: a client takes it and shows nothing.
  const alone = frames.length > 0 && last === -1 ? `id: ${position}\n\n` : '';
  return alone + frames.map((frame, index) => sseFrame(frame, index === last ? position : undefined)).join('');
}

/** One SSE event. Names are ours; a line break in the data begins another `data:` line, or it would end the frame. */
export function sseFrame(frame: Frame, id?: string): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  const eventLine = frame.event === undefined ? '' : `event: ${frame.event}\n`;
  return `${idLine}${eventLine}data: ${frame.data.replace(/\r\n|\r|\n/g, '\ndata: ')}\n\n`;
}
