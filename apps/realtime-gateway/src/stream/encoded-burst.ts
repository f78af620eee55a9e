import { Buffer } from 'node:buffer';
import type { DialectName } from '@runcast/run-events';
import { formatPosition } from '@runcast/run-events';
import type { FeedBatch } from '../feeds/follow.ts';
import type { FeedEvent } from '../feeds/topic.ts';
import { encodeEvent, encodeOnce, type EncodedEvent } from './encoded-event.ts';
import { textFrames } from './text-frame.ts';

/**
 * Events that leave together, as the bytes of one write. A client of either transport is given the same buffer as all
 * others who get the same: its own part of a fan-out is one system call.
 */
export class EncodedBurst {
  private socketBytes: Buffer | undefined;
  private sseBytes: Buffer | undefined;

  constructor(
    readonly events: readonly EncodedEvent[],
    /** Stands behind the last of them and behind whatever was left out since. */
    readonly position: string,
  ) {}

  /** A WebSocket text frame for each frame. Empty when there is none. */
  get forSockets(): Buffer {
    if (this.socketBytes !== undefined) return this.socketBytes;
    const texts: string[] = [];
    for (const { frames } of this.events) for (const { data } of frames) texts.push(data);
    return (this.socketBytes = textFrames(texts));
  }

  /** SSE events, the last with the position: as one chunk of an HTTP/1.1 body. */
  get forSse(): Buffer {
    return (this.sseBytes ??= bodyChunk(this.sseText));
  }

  /** The same as text. */
  get sseText(): string {
    const last = this.events.findLast((event) => event.frames.length > 0);
    // An id without data moves a browser's Last-Event-ID and shows nothing: without it a client that was spared the
    // newest events would be served them, and the end of the stream, again and again.
    const moved = last?.position === this.position ? '' : `id: ${this.position}\n\n`;
    return this.events.map((event) => event.sse).join('') + moved;
  }
}

/** As HTTP/1.1 cuts a body whose length nobody knows. */
function bodyChunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

const bursts = new WeakMap<readonly FeedEvent[], Partial<Record<DialectName, EncodedBurst>>>();

/**
 * The same burst for everybody who is handed the same events in the same format. There must be at least one event. A page
 * of the log is handed to everybody as the same list, so its events are not remembered one by one.
 */
export function encodeBurst({ events, fromLog }: FeedBatch, dialect: DialectName): EncodedBurst {
  const known = bursts.get(events) ?? {};
  if (known[dialect] !== undefined) return known[dialect];
  const encode = fromLog ? encodeOnce : encodeEvent;
  const encoded = events.map((event) => encode(event, dialect));
  const burst = new EncodedBurst(encoded, formatPosition(events.at(-1)!.position));
  bursts.set(events, { ...known, [dialect]: burst });
  return burst;
}
