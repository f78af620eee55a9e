import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { serve } from '../load/serve.ts';

export type BareWsMethods = {
  /** Starts a server that sends every POST body, as one prebuilt frame, to all its WebSockets. Resolves to its port. */
  listen(): Promise<number>;
};

async function listen(): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const frame = Buffer.concat(chunks);
      for (const socket of sockets.clients) socket.send(frame, { binary: false });
      response.writeHead(202, { 'content-length': 0 }).end();
    });
  });
  server.keepAliveTimeout = 600_000;
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

serve({ listen } satisfies BareWsMethods);
