import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '../load/serve.ts';

export type BareSseMethods = {
  /** Starts a server that answers every request with the beginning of an SSE stream. Resolves to its port. */
  listen(): Promise<number>;
};

async function listen(): Promise<number> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1000\n\n');
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

serve({ listen } satisfies BareSseMethods);
