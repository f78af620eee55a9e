import type { ServerResponse } from 'node:http';
import { sseFrame, type EncodedEvent } from './encoded-event.ts';
import { ClientGoneError, ClientStalledError } from './errors.ts';
import type { Control, FeedClient } from './serve-feed.ts';

export interface SseTimes {
  /** Comments at this interval keep proxies from cutting the connection, and show that it still stands. */
  readonly heartbeatMs: number;
  /** A client that takes nothing for this long is disconnected; it resumes by its last position. */
  readonly stallMs: number;
  /** What a browser is told to wait before it reconnects. */
  readonly retryMs: number;
}

/** One SSE response. */
export class SseClient implements FeedClient {
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    private readonly times: SseTimes,
  ) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would hold events back until its buffer is full.
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    response.write(`retry: ${times.retryMs}\n\n`);
    this.heartbeat = setInterval(() => this.beat(), times.heartbeatMs);
    response.on('close', () => clearInterval(this.heartbeat));
  }

  send(events: readonly EncodedEvent[], position: string): Promise<void> {
    const last = events.findLast((event) => event.frames.length > 0);
    // An id without data moves a browser's Last-Event-ID and shows nothing: without it a client that was spared the
    // newest events would be served them, and the end of the stream, again and again.
    const moved = last?.position === position ? '' : `id: ${position}\n\n`;
    return this.write(events.map((event) => event.sse).join('') + moved);
  }

  control({ control, ...data }: Control): Promise<void> {
    return this.write(sseFrame({ event: control, data: JSON.stringify(data) }));
  }

  /** Writes text that is already in SSE form, and waits while the client has not taken what came before. */
  write(text: string): Promise<void> {
    if (this.response.destroyed || this.response.writableEnded) return Promise.reject(new ClientGoneError());
    if (text === '' || this.response.write(text)) return Promise.resolve();
    return this.drained();
  }

  /** Ends the response. `retryMs` spreads the reconnects of many clients that are told to leave at once. */
  end(retryMs?: number): void {
    if (this.response.writableEnded) return;
    this.response.end(retryMs === undefined ? '' : `retry: ${retryMs}\n\n`);
  }

  private beat(): void {
    // While older data waits, another comment proves nothing and only adds to it.
    if (!this.response.writableNeedDrain) this.response.write(': still here\n\n');
  }

  private drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(stall);
        this.response.off('drain', onDrain).off('close', onClose);
        if (error) reject(error);
        else resolve();
      };
      const onDrain = (): void => settle();
      // Waiting for drain alone would hang for ever when the client goes away.
      const onClose = (): void => settle(new ClientGoneError());
      const stall = setTimeout(() => settle(new ClientStalledError(this.times.stallMs)), this.times.stallMs);
      this.response.on('drain', onDrain).on('close', onClose);
    });
  }
}
