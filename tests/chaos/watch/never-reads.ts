import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';

/**
 * A client that asks for a feed and then takes nothing. Who never reads does not notice either that it was sent away, so
 * it comes again, from the beginning, after longer than any gateway bears with it.
 */
export class NeverReads {
  private socket: Socket | undefined;
  private again: NodeJS.Timeout | undefined;

  constructor(
    private readonly url: string,
    private readonly run: string,
    private readonly apiKey: string,
    private readonly transport: 'SSE' | 'WebSocket',
    private readonly comesAgainMs: number,
  ) {
    this.dial();
  }

  stop(): void {
    clearTimeout(this.again);
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
    this.again = setTimeout(() => {
      socket.destroy();
      this.dial();
    }, this.comesAgainMs);
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
