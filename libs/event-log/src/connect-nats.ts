import { connect, type NatsConnection } from '@nats-io/transport-node';
import { loginOptions, type NatsLogin } from './login.ts';

export interface ConnectionOptions {
  /** Comma-separated NATS URLs. */
  readonly servers: string;
  /** Shown in the server's connection list. */
  readonly clientName: string;
  /** Default: none, for a NATS that asks for none. */
  readonly login?: NatsLogin;
}

/** Fails when NATS cannot be reached now; once connected, reconnects for ever. */
export function connectNats({ servers, clientName, login = {} }: ConnectionOptions): Promise<NatsConnection> {
  return connect({
    servers: servers.split(',').map((server) => server.trim()),
    name: clientName,
    ...loginOptions(login),
    // The client's defaults give up after ten tries and notice a frozen server after minutes.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 3_000,
    maxPingOut: 2,
    timeout: 5_000,
    // An error made for each request that goes well, for the stack of one that does not.
    noAsyncTraces: true,
  });
}
