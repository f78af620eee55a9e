import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';

/** A client that asks for a feed and then takes nothing. It does not even notice that it was sent away. */
export class NeverReads {
  private readonly socket: Socket;

  constructor(
    url: string,
    private readonly run: string,
    private readonly apiKey: string,
    private readonly transport: 'SSE' | 'WebSocket',
  ) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port) });
    // Nothing is ever read: what the gateway writes fills the kernel's buffers, and then its own.
    this.socket.pause();
    this.socket.on('error', () => undefined);
    this.socket.on('connect', () => this.socket.write(this.request()));
  }

  stop(): void {
    this.socket.destroy();
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
