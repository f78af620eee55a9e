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
    const { openedAt } = this;
    // One function for all connections: each keeps it for as long as it lives.
    const onClose = function (this: Duplex): void {
      openedAt.delete(this);
    };
    server.on('connection', (socket: Duplex) => {
      openedAt.set(socket, Date.now());
      socket.on('close', onClose);
    });
    const used = ({ socket }: IncomingMessage): void => void openedAt.delete(socket);
    server.on('request', used).on('upgrade', used);
  }

  close(): void {
    const before = Date.now() - GRACE_MS;
    for (const [socket, openedAt] of this.openedAt) if (openedAt < before) socket.destroy();
  }
}
