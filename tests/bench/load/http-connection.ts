import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { AnswerReader } from './answer-reader.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Lines of the request's head, each with its line break. */
  readonly headers: string;
}

/** A kept HTTP/1.1 connection that costs its process little: requests are strings, of answers only the status is read. */
export class HttpConnection {
  private readonly waiting: ((status: number) => void)[] = [];

  private constructor(
    private socket: Socket,
    private readonly target: Target,
  ) {
    this.follow(socket);
  }

  static async open(target: Target): Promise<HttpConnection> {
    const socket = connect({ host: target.host, port: target.port, noDelay: true });
    await once(socket, 'connect');
    return new HttpConnection(socket, target);
  }

  /** The status of the answer; 0 when the connection broke. Requests may be sent before earlier ones are answered. */
  post(body: string): Promise<number> {
    const { host, port, path, headers } = this.target;
    // Servers close connections that were silent for long.
    if (this.socket.destroyed || !this.socket.writable) this.follow(connect({ host, port, noDelay: true }));
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      const head = `POST ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n${headers}Content-Length: `;
      this.socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private follow(socket: Socket): void {
    this.socket = socket;
    const reader = new AnswerReader((status) => this.waiting.shift()?.(status));
    socket.on('data', (chunk) => reader.push(chunk));
    // Ended by the server: what was not answered will not be.
    socket.on('close', () => this.waiting.splice(0).forEach((answer) => answer(0)));
    socket.on('error', () => undefined);
  }
}
