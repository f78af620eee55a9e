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
  /**
   * Cuts the connection on which a client next sends these words: they still reach the server, its answer reaches
   * nobody. Once. For words that a client sends in one piece, such as a statement of a database driver.
   */
  cutAfterSending(words: string): void;
  /** Whether a cut of these two that was asked for has yet to happen. */
  armed(): boolean;
  /** Cuts, and refuses connections from here on. */
  close(): Promise<void>;
}

/** How long one connection lives: until it has brought the client so many bytes, or for so long. */
export interface ConnectionLife {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * @param target `host:port`, or a URL that names both
 * @param lifeOf asked once per connection; without it a connection lives until it is cut
 */
export async function startTcpProxy(target: string, lifeOf?: () => ConnectionLife): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(target.includes('://') ? target : `tcp://${target}`);
  const sockets = new Set<Socket>();
  let paused = false;
  let allowance = Number.POSITIVE_INFINITY;
  let lastWords: string | undefined;

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
  const passAllowed = (client: Socket, chunk: Buffer, life: { bytes: number }): boolean => {
    const mine = Math.min(life.bytes, allowance);
    allowance -= chunk.length;
    life.bytes -= chunk.length;
    if (chunk.length < mine) return client.write(chunk);
    const all = allowance <= 0;
    if (all) allowance = Number.POSITIVE_INFINITY;
    // What was let through must arrive: a reset right away would throw it out of the client's buffer.
    client.end(chunk.subarray(0, mine), () => (all ? cut() : client.resetAndDestroy()));
    return false;
  };
  const passLastWords = (client: Socket, upstream: Socket, chunk: Buffer): boolean => {
    if (lastWords === undefined || !chunk.includes(lastWords)) return upstream.write(chunk);
    lastWords = undefined;
    upstream.end(chunk, () => client.resetAndDestroy());
    return false;
  };

  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port) });
    track(client, upstream);
    track(upstream, client);
    const { bytes, ms } = lifeOf?.() ?? { bytes: Number.POSITIVE_INFINITY, ms: undefined };
    const life = { bytes };
    if (ms !== undefined) {
      const end = setTimeout(() => client.resetAndDestroy(), ms);
      client.once('close', () => clearTimeout(end));
    }
    forward(client, upstream, (chunk) => passLastWords(client, upstream, chunk));
    forward(upstream, client, (chunk) => passAllowed(client, chunk, life));
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
    cutAfterSending(words) {
      lastWords = words;
    },
    armed: () => lastWords !== undefined || allowance < Number.POSITIVE_INFINITY,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
