import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { connectNats, type ConnectionOptions } from './connect-nats.ts';
import { LogBackupError } from './errors.ts';
import { identityOf, streamInfo, streamName, type LogIdentity } from './streams.ts';

/** One shard of the log as it was when its copy was taken. */
export interface ShardCopy {
  readonly shard: number;
  readonly identity: LogIdentity;
  /** What nats-server asks for when it takes the copy back. Only it can read this. */
  readonly description: { readonly config: Readonly<Record<string, unknown>>; readonly state: unknown };
}

export interface LogBackupOptions extends ConnectionOptions {
  readonly namespace?: string;
}

const CHUNK_BYTES = 128 * 1024;
/** nats-server reads every message of the stream and checks its sum before the first chunk leaves. */
const SILENCE_MS = 60_000;
const NO_CONTENT = 204;

/**
 * Copies shards of the log out of NATS and back into it, byte by byte: sequences, epoch and with them every position that a
 * client holds stay what they were. Uses nats-server's own snapshots; taking one does not stop the log.
 */
export class LogBackup {
  private constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
    private readonly namespace: string,
    private readonly inboxPrefix: string | undefined,
  ) {}

  static async connect(options: LogBackupOptions): Promise<LogBackup> {
    const connection = await connectNats(options);
    const manager = await jetstreamManager(connection);
    return new LogBackup(connection, manager, options.namespace ?? '', options.login?.inboxPrefix);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Which stream this shard has now. */
  async find(shard: number): Promise<LogIdentity | undefined> {
    const info = await streamInfo(this.manager, this.nameOf(shard));
    return info && identityOf(info);
  }

  /**
   * Gives the shard to `take`, chunk by chunk; the server waits when that is slow.
   *
   * @throws {LogBackupError} when there is no such stream, or when it stops before its end
   */
  async copyOut(shard: number, take: (chunk: Uint8Array) => Promise<void>): Promise<ShardCopy> {
    const info = await streamInfo(this.manager, this.nameOf(shard));
    if (info === undefined) throw new LogBackupError(this.nameOf(shard), 'it does not exist');
    const inbox = createInbox(this.inboxPrefix);
    const chunks = this.connection.subscribe(inbox);
    const request = { deliver_subject: inbox, no_consumers: true, jsck: true, chunk_size: CHUNK_BYTES };
    try {
      const { config, state } = await this.ask('SNAPSHOT', shard, request);
      await this.drain(shard, chunks, take);
      const { first_seq: firstSequence, last_seq: lastSequence } = state as { first_seq: number; last_seq: number };
      const identity = { ...identityOf(info), firstSequence, lastSequence };
      return { shard, identity, description: { config: config as Record<string, unknown>, state } };
    } finally {
      chunks.unsubscribe();
    }
  }

  /**
   * Makes the shard's stream from its copy, with so many replicas.
   *
   * @throws {LogBackupError} when the stream exists already, or when the server refuses the copy; nothing is left of it then
   */
  async copyIn({ shard, description }: ShardCopy, chunks: AsyncIterable<Uint8Array>, replicas: number): Promise<void> {
    if ((await this.find(shard)) !== undefined) throw new LogBackupError(this.nameOf(shard), 'it exists already');
    const config = { ...description.config, name: this.nameOf(shard), num_replicas: replicas };
    const { deliver_subject: subject } = await this.ask('RESTORE', shard, { ...description, config });
    for await (const chunk of chunks) await this.give(shard, subject as string, chunk);
    // An empty message says that this was all; the answer to it comes when the stream stands.
    await this.give(shard, subject as string, new Uint8Array());
  }

  private async drain(
    shard: number,
    chunks: AsyncIterable<Msg> & { unsubscribe(): void },
    take: (chunk: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const silence = setTimeout(() => chunks.unsubscribe(), SILENCE_MS);
    try {
      for await (const message of chunks) {
        if (message.data.length === 0) return this.requireEnd(shard, message);
        await take(message.data);
        silence.refresh();
        message.respond();
      }
    } finally {
      clearTimeout(silence);
    }
    throw new LogBackupError(this.nameOf(shard), `nothing came for ${SILENCE_MS / 1000} s`);
  }

  private requireEnd(shard: number, { headers }: Msg): void {
    if (headers === undefined || headers.code === 0 || headers.code === NO_CONTENT) return;
    throw new LogBackupError(this.nameOf(shard), `the server stopped: ${headers.code} ${headers.description}`);
  }

  private async ask(api: 'SNAPSHOT' | 'RESTORE', shard: number, request: object): Promise<Record<string, unknown>> {
    const subject = `$JS.API.STREAM.${api}.${this.nameOf(shard)}`;
    const answer = await this.connection.request(subject, JSON.stringify(request), { timeout: SILENCE_MS });
    return this.read(shard, answer);
  }

  private async give(shard: number, subject: string, chunk: Uint8Array): Promise<void> {
    const answer = await this.connection.request(subject, chunk, { timeout: SILENCE_MS });
    if (answer.data.length > 0) this.read(shard, answer);
  }

  private read(shard: number, answer: Msg): Record<string, unknown> {
    const body = answer.json<Record<string, unknown> & { error?: { description?: string } }>();
    if (body.error) throw new LogBackupError(this.nameOf(shard), `the server refused: ${body.error.description}`);
    return body;
  }

  private nameOf(shard: number): string {
    return streamName(shard, this.namespace);
  }
}
