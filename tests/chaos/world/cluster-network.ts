/** `host:port` for each of a node's three doors. */
export interface NodeAddress {
  readonly peers: string;
  readonly clients: string;
  readonly monitoring: string;
}

/** How far a partition goes: only the node's peers, with its clients still connected, or everybody. */
export type Isolation = 'peers' | 'all';

/** The network between the NATS nodes, which can be broken. Two kinds: real namespaces, or proxies where we are not root. */
export interface ClusterNetwork {
  /** In words, for the table. */
  readonly kind: string;
  /** What each node listens on. */
  readonly listen: readonly NodeAddress[];
  /** What its clients dial. */
  readonly clients: readonly string[];
  /** What a node has to dial to reach another. */
  route(from: number, to: number): string;
  /** The words before a command that make it run where the node lives. */
  enter(node: number): readonly string[];
  /** Packets from and to the node vanish without an error. */
  isolate(node: number, from: Isolation): Promise<void>;
  heal(node: number): Promise<void>;
  close(): Promise<void>;
}

export const CLIENT_PORT = 4222;
export const PEER_PORT = 6222;
export const MONITORING_PORT = 8222;
