import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** A request whose first byte is already on its way gets this long to arrive. */
const GRACE_MS = 500;

/**
 * Connections on which no request has arrived yet. Browsers and proxies open such ahead of need; Node does not count them
 * as idle and would hold a shutdown up for them until its time-out for slow requests.
 */
export class UnusedConnections {
  private readonly openedAt = new Map<Duplex, number>();

  constructor(server: Server) {
    server.on('connection', (socket: Duplex) => {
      this.openedAt.set(socket, Date.now());
      socket.once('close', () => this.openedAt.delete(socket));
    });
    const used = ({ socket }: IncomingMessage): void => void this.openedAt.delete(socket);
    server.on('request', used).on('upgrade', used);
  }

  close(): void {
    const before = Date.now() - GRACE_MS;
    for (const [socket, openedAt] of this.openedAt) if (openedAt < before) socket.destroy();
  }
}
