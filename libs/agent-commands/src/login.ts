import { credsAuthenticator, type NodeConnectionOptions } from '@nats-io/transport-node';

/** Who a connection is at NATS, where NATS asks. */
export interface NatsLogin {
  readonly user?: string;
  readonly password?: string;
  /** The text of a `.creds` file. */
  readonly credentials?: string;
  /** What the subjects of answers begin with: with one of its own per user, no other can listen in. */
  readonly inboxPrefix?: string;
}

export function loginOptions({ user, password, credentials, inboxPrefix }: NatsLogin): NodeConnectionOptions {
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(credentials !== undefined && { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    ...(inboxPrefix !== undefined && { inboxPrefix }),
  };
}
