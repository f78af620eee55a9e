import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import fastify from 'fastify';
import { serve } from '../load/serve.ts';

export type BareHttpMethods = {
  /** Starts a server that reads each request and answers 202, and nothing else. Resolves to its port. */
  listen(kind: 'node:http' | 'fastify' | 'tcp'): Promise<number>;
};

const ANSWER = JSON.stringify({ accepted: true });
const CANNED = `HTTP/1.1 202 Accepted\r\ncontent-length: ${ANSWER.length}\r\n\r\n${ANSWER}`;

function nodeHttp(): Server {
  return createHttpServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(202, { 'content-type': 'application/json', 'content-length': ANSWER.length });
      response.end(ANSWER);
    });
  });
}

async function bareFastify(): Promise<Server> {
  const app = fastify();
  app.post('/v1/events', (_request, reply) => reply.code(202).send({ accepted: true }));
  await app.ready();
  return app.server;
}

/** Not even HTTP: one canned answer a request, told apart by its end. What a load generator reaches with it is its own limit. */
function echo(): Server {
  return createTcpServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      // A request of the load generator is one write, and ends with its body's closing bracket.
      const last = chunk[chunk.length - 1];
      if (last === 0x7d || last === 0x5d) socket.write(CANNED);
    });
  });
}

async function listen(kind: 'node:http' | 'fastify' | 'tcp'): Promise<number> {
  const server = kind === 'tcp' ? echo() : kind === 'fastify' ? await bareFastify() : nodeHttp();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

serve({ listen } satisfies BareHttpMethods);
