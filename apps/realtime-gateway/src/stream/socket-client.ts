import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { CLOSE_CODES, type CloseReason } from './close-codes.ts';
import type { EncodedEvent } from './encoded-event.ts';
import { ClientGoneError, ClientStalledError } from './errors.ts';
import type { Control, FeedClient } from './serve-feed.ts';

export interface SocketTimes {
  /** Pings at this interval; a client that has not answered by the next one is taken for gone. */
  readonly heartbeatMs: number;
  /** A client that takes nothing for this long is disconnected; it resumes by its last position. */
  readonly stallMs: number;
}

/** What a close handshake may take before the connection is cut. */
const CLOSE_GRACE_MS = 2_000;

/** One WebSocket that only listens: events go out, one text frame each. */
export class SocketClient implements FeedClient {
  private readonly heartbeat: NodeJS.Timeout;
  private alive = true;
  private closing: CloseReason | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly connection: Duplex,
    private readonly times: SocketTimes,
  ) {
    this.heartbeat = setInterval(() => this.beat(), times.heartbeatMs);
    socket.on('pong', () => (this.alive = true));
    // A protocol error closes the socket by itself; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('close', () => clearInterval(this.heartbeat));
  }

  /** Why we closed it; `client` when we did not. */
  get closedAs(): CloseReason | 'client' {
    return this.closing ?? 'client';
  }

  send(events: readonly EncodedEvent[]): Promise<void> {
    return this.writeAll(events.flatMap((event) => event.frames.map((frame) => frame.data)));
  }

  /** Sends text frames in one write to the connection; resolves when the last has left for the network. */
  async writeAll(texts: readonly string[]): Promise<void> {
    if (texts.length === 0) return;
    this.connection.cork();
    for (const text of texts.slice(0, -1)) this.socket.send(text, ignore);
    const written = this.write(texts.at(-1)!);
    this.connection.uncork();
    await written;
  }

  control(control: Control): Promise<void> {
    return this.write(JSON.stringify(control));
  }

  /** Sends one text frame; resolves when it has left for the network. */
  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.socket.readyState !== WebSocket.OPEN) return reject(new ClientGoneError());
      const stall = setTimeout(() => reject(new ClientStalledError(this.times.stallMs)), this.times.stallMs);
      this.socket.send(text, (error) => {
        clearTimeout(stall);
        if (error) reject(new ClientGoneError());
        else resolve();
      });
    });
  }

  /** Sends a frame about the connection; whether it arrives shows elsewhere. */
  say(frame: object): void {
    this.write(JSON.stringify(frame)).catch(ignore);
  }

  close(why: CloseReason): void {
    this.closing ??= why;
    const { code, reason } = CLOSE_CODES[why];
    this.socket.close(code, reason);
    // A client that does not answer the close handshake (a stalled one cannot) must not hold the connection.
    setTimeout(() => this.socket.terminate(), CLOSE_GRACE_MS).unref();
  }

  private beat(): void {
    if (!this.alive) return this.close('unresponsive');
    this.alive = false;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
  }
}

/** Errors of the frames before the last surface with the last. */
function ignore(): void {
  return undefined;
}
