import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  authorise,
  Problem,
  PROBLEM_CONTENT_TYPE,
  problemBody,
  readCredential,
  requireOrigin,
  SECURITY_HEADER_LINES,
  SOCKET_PROTOCOL,
  ticketInProtocols,
  toProblem,
  type ExplainError,
  type OpenLimits,
  type Doorkeeper,
  type Principal,
  type ProblemCode,
} from '@runcast/service-host';
import { WebSocketServer, type WebSocket } from 'ws';
import { matchPath, type PathParameters } from './route-pattern.ts';

export interface UpgradeRequest {
  readonly principal: Principal;
  readonly path: PathParameters;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Who connects, as the network says. */
  readonly address: string;
}

/** What happens after the upgrade. Decided before it: refusing is only possible while there is still HTTP. */
export interface Accepted {
  onSocket(socket: WebSocket, connection: Duplex): void;
  /** Called in its place when there will be no socket: the client has gone, or its handshake is none. */
  release(): void;
}

export interface SocketRoute {
  /** E.g. `/ws/:flow/:run`. */
  readonly pattern: string;
  /** Checks the request. What it throws becomes the HTTP answer; what it returns takes the socket. */
  accept(request: UpgradeRequest): Promise<Accepted>;
}

/** Clients only send pings and short commands. */
const MAX_PAYLOAD_BYTES = 16 * 1024;

/**
 * Upgrades WebSocket requests by path pattern, authenticated before the upgrade. Nest's own adapter matches paths by
 * equality only, upgrades everybody, and drops its sockets without a close frame.
 */
export class UpgradeRouter {
  // Compression per message costs memory per connection and lets an attacker fragment and bloat; events are small.
  private readonly upgrader = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    // A ticket among the offered protocols must not be said back: only ours is.
    handleProtocols: (offered) => (offered.has(SOCKET_PROTOCOL) ? SOCKET_PROTOCOL : false),
  });

  constructor(
    private readonly routes: readonly SocketRoute[],
    private readonly doorkeeper: Doorkeeper & { readonly allowedOrigins: readonly string[] },
    private readonly explain: ExplainError,
    private readonly draining: () => boolean,
    private readonly onRefused: (code: ProblemCode) => void = () => undefined,
    private readonly open?: OpenLimits,
  ) {}

  attach(server: Server): void {
    // A key, a version or a list of protocols that is none. Without a listener ws answers it in a form of its own.
    this.upgrader.on('wsClientError', (error, connection) => {
      this.onRefused('invalid_request');
      refuse(connection, new Problem('invalid_request', { detail: `${error.message}.` }));
    });
    server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
      // Between the request and the upgrade nobody else listens; an error without a listener ends the process.
      connection.on('error', destroyIt);
      this.upgrade(request, connection, head).catch((error: unknown) => {
        const problem = toProblem(error, this.explain);
        this.onRefused(problem.code);
        refuse(connection, problem);
      });
    });
  }

  private async upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
    if (this.draining())
      throw new Problem('unavailable', { detail: 'This server is shutting down.', retryAfterSeconds: 1 });
    const url = parseUrl(request.url);
    const { route, path } = this.find(url.pathname);
    const { headers } = request;
    // Before a ticket is taken: any page in the world can make a browser connect here.
    requireOrigin(headers, this.doorkeeper.allowedOrigins);
    const credential = readCredential(headers, singleValues(url.searchParams)) ?? ticketOf(headers);
    const principal = await authorise(credential, 'read', this.doorkeeper);
    const address = request.socket.remoteAddress ?? '';
    const { tenant, keyId } = principal;
    const release = this.open?.admit({ tenant, keyId, address });
    if (release) connection.on('close', release);
    const accepted = await route.accept({ principal, path, query: url.searchParams, headers, address });
    if (connection.destroyed) return accepted.release();
    const unserved = (): void => accepted.release();
    connection.once('close', unserved);
    this.upgrader.handleUpgrade(request, connection, head, (socket) => {
      connection.off('close', unserved);
      accepted.onSocket(socket, connection);
    });
  }

  private find(path: string): { route: SocketRoute; path: PathParameters } {
    for (const route of this.routes) {
      const parameters = matchPath(route.pattern, path);
      if (parameters !== undefined) return { route, path: parameters };
    }
    throw new Problem('not_found', { detail: 'There is no WebSocket at this address.' });
  }
}

/** The same for every connection: each has one for as long as it lives. */
function destroyIt(this: Duplex): void {
  this.destroy();
}

function parseUrl(url: string | undefined): URL {
  const base = 'http://localhost';
  if (url === undefined || !url.startsWith('/') || !URL.canParse(url, base)) {
    throw new Problem('invalid_request', { detail: 'The address cannot be read.' });
  }
  return new URL(url, base);
}

/** As Fastify reads a query: a parameter that is given twice is no text. */
function singleValues(query: URLSearchParams): Record<string, string | undefined> {
  return Object.fromEntries(
    [...query].map(([name, value]) => [name, query.getAll(name).length === 1 ? value : undefined]),
  );
}

function ticketOf(headers: IncomingMessage['headers']) {
  return ticketInProtocols(headers['sec-websocket-protocol']);
}

function refuse(connection: Duplex, problem: Problem): void {
  if (!connection.writable) return void connection.destroy();
  const body = JSON.stringify(problemBody(problem, randomUUID()));
  const { retryAfterSeconds, headers } = problem.facts;
  const lines = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    ...SECURITY_HEADER_LINES,
    'connection: close',
    ...(retryAfterSeconds === undefined ? [] : [`retry-after: ${Math.max(1, Math.ceil(retryAfterSeconds))}`]),
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  connection.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
