import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';

/** A client that asks for a feed and then takes nothing, and asks again whenever it is sent away. */
export class NeverReads {
  /** How often it was sent away. */
  sentAway = 0;
  private socket: Socket | undefined;
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly run: string,
    private readonly apiKey: string,
    private readonly transport: 'SSE' | 'WebSocket',
  ) {
    this.dial();
  }

  stop(): void {
    this.stopped = true;
    this.socket?.destroy();
  }

  private dial(): void {
    const { hostname, port } = new URL(this.url);
    const socket = connect({ host: hostname, port: Number(port) });
    this.socket = socket;
    // Nothing is ever read: what the gateway writes fills the kernel's buffers, and then its own.
    socket.pause();
    socket.on('error', () => undefined);
    socket.on('connect', () => socket.write(this.request()));
    socket.on('close', () => {
      if (this.stopped) return;
      this.sentAway += 1;
      setTimeout(() => this.dial(), 1_000);
    });
  }

  private request(): string {
    const upgrade = [
      'connection: upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
    ];
    return [
      `GET /v1/runs/${this.run}/stream HTTP/1.1`,
      'host: chaos',
      `authorization: Bearer ${this.apiKey}`,
      ...(this.transport === 'WebSocket' ? upgrade : []),
      '\r\n',
    ].join('\r\n');
  }
}
