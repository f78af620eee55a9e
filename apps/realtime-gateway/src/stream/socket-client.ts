import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { CLOSE_CODES, type CloseReason } from './close-codes.ts';
import type { EncodedBurst } from './encoded-burst.ts';
import { ClientGoneError } from './errors.ts';
import type { Heartbeats } from './heartbeats.ts';
import { writeTo } from './room.ts';
import type { Control, FeedClient } from './serve-feed.ts';
import { textFrame } from './text-frame.ts';

export interface SocketTimes {
  /** Pings once an interval; a client that has not answered by the next one is taken for gone. */
  readonly heartbeats: Heartbeats;
  /** A client that takes nothing for this long is disconnected; it resumes by its last position. */
  readonly stallMs: number;
}

/** What a close handshake may take before the connection is cut. */
const CLOSE_GRACE_MS = 2_000;

/**
 * One WebSocket that only listens: events go out, one text frame each. Frames are made once for all sockets and written
 * to the connection as they are; ws itself, which writes whole frames at once as well, does everything else.
 */
export class SocketClient implements FeedClient {
  private alive = true;
  private closing: CloseReason | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly connection: Duplex,
    private readonly times: SocketTimes,
  ) {
    const stopBeating = times.heartbeats.add(this);
    socket.on('pong', () => (this.alive = true));
    // A protocol error closes the socket by itself; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('close', stopBeating);
  }

  /** Why we closed it; `client` when we did not. */
  get closedAs(): CloseReason | 'client' {
    return this.closing ?? 'client';
  }

  send(burst: EncodedBurst): Promise<void> | undefined {
    return this.writeBytes(burst.forSockets);
  }

  control(control: Control): Promise<void> {
    return this.write(JSON.stringify(control));
  }

  /** Sends one text frame; resolves when there is room for more. */
  async write(text: string): Promise<void> {
    await this.writeBytes(textFrame(text));
  }

  /** Whole frames. */
  writeBytes(frames: Buffer): Promise<void> | undefined {
    // After the close frame nothing may follow.
    if (this.socket.readyState !== WebSocket.OPEN) throw new ClientGoneError();
    return frames.length === 0 ? undefined : writeTo(this.connection, frames, this.times.stallMs);
  }

  /** Sends a frame about the connection; whether it arrives shows elsewhere. */
  say(frame: object): void {
    this.write(JSON.stringify(frame)).catch(() => undefined);
  }

  close(why: CloseReason): void {
    this.closing ??= why;
    const { code, reason } = CLOSE_CODES[why];
    this.socket.close(code, reason);
    // A client that does not answer the close handshake (a stalled one cannot) must not hold the connection.
    setTimeout(() => this.socket.terminate(), CLOSE_GRACE_MS).unref();
  }

  beat(): void {
    if (!this.alive) return this.close('unresponsive');
    this.alive = false;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
  }
}
