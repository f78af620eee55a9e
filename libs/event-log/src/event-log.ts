import type { NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { randomBytes } from 'node:crypto';
import type { RunEvent } from '@runcast/run-events';
import type { AppendFacts, AppendOutcome } from './appender.ts';
import { connectNats, type ConnectionOptions } from './connect-nats.ts';
import { LogUnavailableError } from './errors.ts';
import { RecentlySeen } from './recently-seen.ts';
import { Shard, type LogServer, type ShardCommit } from './shard.ts';
import { shardOf } from './shards.ts';
import { ensureStream, type LogIdentity, type StreamSettings } from './streams.ts';
import { subjectSpace } from './subjects.ts';
import type { LogEntry } from './record.ts';
import type { TailOptions } from './tail.ts';

export interface EventLogOptions extends ConnectionOptions, Partial<Omit<StreamSettings, 'shards'>> {
  readonly shards: number;
  /** Told of every group commit, whatever became of it. */
  readonly onCommit?: (commit: ShardCommit) => void;
}

/** The server reserves this much of its disk for each shard when the stream is created. */
const DEFAULT_MAX_BYTES = 4 * 1024 ** 3;
const IDENTITY_CHECK_MS = 5_000;
const REMEMBERED_TENANTS = 10_000;

/** The log: every event of every tenant, in one durable order per shard. The only door to NATS for the services. */
export class EventLog {
  private readonly identityTimer: NodeJS.Timeout;
  private readonly homes = new RecentlySeen<Shard>(REMEMBERED_TENANTS);
  private connected = true;
  private reconnected = 0;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly shards: readonly Shard[],
  ) {
    this.identityTimer = setInterval(() => void this.checkIdentities(), IDENTITY_CHECK_MS);
    this.identityTimer.unref();
    void this.followConnection();
  }

  /**
   * Connects and makes sure that the streams exist and can keep the promises (LogSetupError otherwise). Fails when NATS
   * cannot be reached now; once connected, reconnects for ever.
   */
  static async connect(options: EventLogOptions): Promise<EventLog> {
    const connection = await connectNats(options);
    try {
      return new EventLog(connection, await openShards(connection, options));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /**
   * Stores events of one tenant, at most MAX_APPEND_EVENTS, in the given order, and tells what became of each.
   * Rejects with LogUnavailableError (unknown whether stored: send again with the same ids) or LogOverloadedError.
   */
  append(events: readonly RunEvent[], facts?: AppendFacts): Promise<AppendOutcome[]> {
    if (events.length === 0) return Promise.resolve([]);
    return this.shardFor(events[0]!.tenant).append(events, facts);
  }

  shardFor(tenant: string): Shard {
    const known = this.homes.get(tenant);
    if (known !== undefined) return known;
    const home = this.shards[shardOf(tenant, this.shards.length)]!;
    this.homes.add(tenant, home);
    return home;
  }

  shard(shard: number): Shard {
    const found = this.shards[shard];
    if (found === undefined) throw new RangeError(`shard ${shard} does not exist, there are ${this.shards.length}`);
    return found;
  }

  identity(shard: number): Promise<LogIdentity> {
    return this.shard(shard).identity();
  }

  /** See {@link Shard.tail}. */
  tail(shard: number, options: TailOptions): AsyncGenerator<LogEntry[], void, void> {
    return this.shard(shard).tail(options);
  }

  /** Whether the connection stands now. */
  ready(): boolean {
    return !this.connection.isClosed() && this.connected;
  }

  /** How often the connection has come back. */
  get reconnects(): number {
    return this.reconnected;
  }

  /** Messages of a shard whose fate is open. */
  waiting(shard: number): number {
    return this.shard(shard).waiting;
  }

  /** Sends what is buffered and closes. Appends under way fail with LogUnavailableError. */
  async close(): Promise<void> {
    clearInterval(this.identityTimer);
    for (const shard of this.shards) shard.close();
    await this.connection.close();
  }

  private async followConnection(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') {
        this.connected = false;
        for (const shard of this.shards) shard.onDisconnect();
      }
      if (status.type === 'reconnect') {
        this.connected = true;
        this.reconnected += 1;
        for (const shard of this.shards) shard.onReconnect();
        void this.checkIdentities();
      }
    }
  }

  /** A stream that was made anew behind our back must not go on under the old epoch. */
  private async checkIdentities(): Promise<void> {
    await Promise.allSettled(this.shards.map((shard) => shard.identity()));
  }
}

async function openShards(connection: NatsConnection, options: EventLogOptions): Promise<Shard[]> {
  const settings: StreamSettings = {
    shards: options.shards,
    namespace: options.namespace ?? '',
    replicas: options.replicas ?? 1,
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    maxAgeMs: options.maxAgeMs ?? 0,
  };
  const manager = await managerOf(connection);
  const client = jetstream(connection);
  return Promise.all(
    Array.from({ length: settings.shards }, (_, shard) =>
      openShard({ connection, client, manager, inboxPrefix: options.login?.inboxPrefix }, shard, settings, options),
    ),
  );
}

async function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(connection);
  } catch (error) {
    throw new LogUnavailableError('refused', 'the NATS server has no JetStream', 2, { cause: error });
  }
}

async function openShard(
  server: LogServer,
  shard: number,
  settings: StreamSettings,
  { onCommit }: Pick<EventLogOptions, 'onCommit'>,
): Promise<Shard> {
  const space = subjectSpace(shard, settings.namespace);
  const info = await ensureStream(server.manager, shard, space, settings, () => randomBytes(6).toString('hex'));
  return new Shard(server, shard, space, info, onCommit);
}
