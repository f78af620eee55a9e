import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server and breaks what stands between clients and servers. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that are open right now. */
  connections(): number;
  /** Breaks every connection off (RST), as a killed peer does. New ones are taken. */
  cut(): void;
  /** Holds all bytes back, both ways, as a frozen network does: nobody gets an error. New connections hang too. */
  pause(): void;
  resume(): void;
  /** Lets `bytes` more through from the server to its clients, then cuts. Once. */
  cutAfterBytes(bytes: number): void;
  /** Cuts, and refuses connections from here on. */
  close(): Promise<void>;
}

/** @param target `host:port`, or a URL that names both */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(target.includes('://') ? target : `tcp://${target}`);
  const sockets = new Set<Socket>();
  let paused = false;
  let allowance = Number.POSITIVE_INFINITY;

  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const track = (socket: Socket, peer: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      peer.destroy();
    });
    socket.once('end', () => peer.end());
    if (paused) socket.pause();
  };
  const forward = (from: Socket, to: Socket, pass: (chunk: Buffer) => boolean): void => {
    to.on('drain', () => !paused && from.resume());
    from.on('data', (chunk) => {
      if (!pass(chunk)) from.pause();
    });
  };
  const passAllowed = (client: Socket, chunk: Buffer): boolean => {
    if (chunk.length < allowance) {
      allowance -= chunk.length;
      return client.write(chunk);
    }
    // What was let through must arrive: a reset right away would throw it out of the client's buffer.
    client.end(chunk.subarray(0, allowance), cut);
    allowance = Number.POSITIVE_INFINITY;
    return false;
  };

  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port) });
    track(client, upstream);
    track(upstream, client);
    forward(client, upstream, (chunk) => upstream.write(chunk));
    forward(upstream, client, (chunk) => passAllowed(client, chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.size / 2,
    cut,
    pause() {
      paused = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      paused = false;
      for (const socket of sockets) socket.resume();
    },
    cutAfterBytes(bytes) {
      allowance = bytes;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
