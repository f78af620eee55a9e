import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@runcast/run-events';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Decides over one request; `undefined` leaves it to the gateway, which stores everything. */
export type Answer = (
  request: ReceivedRequest,
  response: ServerResponse,
) => { status: number; body?: unknown; headers?: Record<string, string> } | 'answered' | undefined;

/**
 * A stand-in for Runcast in the tests of an agent: a real HTTP server that takes events like the ingest gateway and
 * keeps what came in, in order of arrival. It stores nothing and checks nothing.
 */
export class RecordingGateway {
  readonly url: string;
  readonly requests: ReceivedRequest[] = [];
  /** The events of all requests that were answered with a 2xx, from both doors. */
  readonly events: JsonObject[] = [];
  answer: Answer = () => undefined;
  readonly #server: Server;
  #watchers: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** @param port any free one unless told. */
  static async start(port = 0): Promise<RecordingGateway> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return new RecordingGateway(server);
  }

  /** Resolves as soon as `holds` is true, which is looked at after every request. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers, text: Buffer.concat(chunks).toString() };
    this.requests.push(request);
    const answer = this.answer(request, response) ?? { status: 202, body: receiptFor(request) };
    if (answer !== 'answered') {
      if (answer.status < 300) this.events.push(...eventsIn(request));
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(answer.body ?? {}));
    }
    for (const wake of this.#watchers.splice(0)) wake();
  }
}

function eventsIn(request: ReceivedRequest): JsonObject[] {
  if (request.method !== 'POST') return [];
  const body = JSON.parse(request.text) as JsonObject | JsonObject[];
  return Array.isArray(body) ? body : [body];
}

function receiptFor(request: ReceivedRequest): unknown {
  if (request.path !== '/v1/events') return { accepted: true, duplicate: false };
  const results = eventsIn(request).map((event) => ({ status: 'stored', event_id: event['id'], run_id: event['run'] }));
  return { results };
}
