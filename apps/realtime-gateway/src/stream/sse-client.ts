import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from '@runcast/service-host';
import type { EncodedBurst } from './encoded-burst.ts';
import { sseFrame } from './encoded-event.ts';
import { ClientGoneError } from './errors.ts';
import type { Heartbeats } from './heartbeats.ts';
import { room, writeTo } from './room.ts';
import type { Control, FeedClient } from './serve-feed.ts';

export interface SseTimes {
  /** Comments once an interval keep proxies from cutting the connection, and show that it still stands. */
  readonly heartbeats: Heartbeats;
  /** A client that takes nothing for this long is disconnected; it resumes by its last position. */
  readonly stallMs: number;
  /** What a browser is told to wait before it reconnects. */
  readonly retryMs: number;
}

/** One SSE response. */
export class SseClient implements FeedClient {
  constructor(
    private readonly response: ServerResponse,
    private readonly times: SseTimes,
  ) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would hold events back until its buffer is full.
      'x-accel-buffering': 'no',
      ...SECURITY_HEADERS,
    });
    // By itself, so that the head becomes one string: Node keeps it for as long as the stream, in fifty pieces otherwise.
    response.flushHeaders();
    response.write(`retry: ${times.retryMs}\n\n`);
    response.on('close', times.heartbeats.add(this));
  }

  send(burst: EncodedBurst): Promise<void> | undefined {
    const { response, times } = this;
    if (response.destroyed || response.writableEnded) throw new ClientGoneError();
    const connection = response.socket;
    // Bytes that are a chunk already go past the response, which would make three writes of each. Not while its head or
    // an earlier answer on the same connection still waits, and not to a client of HTTP/1.0, which knows no chunks.
    const direct = connection !== null && response.writableLength === connection.writableLength;
    if (direct && response.chunkedEncoding) return writeTo(connection, burst.forSse, times.stallMs);
    return this.push(burst.sseText);
  }

  control({ control, ...data }: Control): Promise<void> {
    return this.write(sseFrame({ event: control, data: JSON.stringify(data) }));
  }

  /** Writes text that is already in SSE form, and waits while the client has not taken what came before. */
  async write(text: string): Promise<void> {
    if (this.response.destroyed || this.response.writableEnded) throw new ClientGoneError();
    await this.push(text);
  }

  /** Ends the response. `retryMs` spreads the reconnects of many clients that are told to leave at once. */
  end(retryMs?: number): void {
    if (this.response.writableEnded) return;
    this.response.end(retryMs === undefined ? '' : `retry: ${retryMs}\n\n`);
  }

  beat(): void {
    // While older data waits, another comment proves nothing and only adds to it.
    if (!this.response.writableNeedDrain && this.response.socket?.writableNeedDrain !== true)
      this.response.write(': still here\n\n');
  }

  private push(text: string): Promise<void> | undefined {
    const { response, times } = this;
    if (text === '' || response.write(text)) return undefined;
    // Without a connection it waits for the answer before it on the same one.
    return room(response.socket ?? response, times.stallMs);
  }
}
