import type { Exit } from './launch.ts';

/** A NATS or Postgres server that this process started and that answers. */
export interface RunningBackend {
  /** What a client connects to; for Postgres with user, password and database. */
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** Settles when the server is gone, whoever ended it. */
  readonly exited: Promise<Exit>;
  /** Ends the server in its own orderly way and waits until it is gone. Data stays. Safe to call twice. */
  stop(): Promise<void>;
}
