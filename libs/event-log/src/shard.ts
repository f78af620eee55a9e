import type { JetStreamClient, JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { timestampToMs, type RunEvent } from '@runcast/run-events';
import { Appender, messageIdOf, type AppendFacts, type AppendOutcome } from './appender.ts';
import { eraseMessages, type ErasableStream, type ErasedMessages } from './erase.ts';
import { DirectGet, type DirectMessage, type NewestSequences, type PageSize, type SubjectPage } from './direct-get.ts';
import { LogUnavailableError } from './errors.ts';
import { DEFAULT_LIMITS, GroupCommit, type Commit } from './group-commit.ts';
import { LiveWatches, type LiveEntry, type Watch } from './live-watches.ts';
import { asUnavailable, Publisher } from './publisher.ts';
import { RecentlySeen } from './recently-seen.ts';
import { decodeMessage, decodeStoredOn, encodeEvent, type LogEntry, type StoredMessage } from './record.ts';
import { identityOf, streamInfo, trims, type LogIdentity } from './streams.ts';
import { parseSubject, runSubject, sessionSubject, type SubjectSpace } from './subjects.ts';
import { tail, type TailOptions, type TailSource } from './tail.ts';
import { Turns } from './turns.ts';

/** What one subject holds after a sequence. */
export interface EntryPage {
  readonly entries: readonly LogEntry[];
  /** Whether nothing newer stood on the subject when the server answered. */
  readonly complete: boolean;
  /** What follows this page, where it was read ahead: as soon as it has come, never empty. May reject unseen. */
  readonly next?: Promise<EntryPage>;
}

/** A group commit of one shard. */
export interface ShardCommit extends Commit {
  readonly shard: number;
}

/**
 * A reader holds a page until its client has taken it, several times over: as it came, decoded, and as frames. So this is
 * what a client that does not read costs.
 */
const PAGE_BYTES = 256 * 1024;
/**
 * Reads on their way at once. The server cuts off a connection for which it has to hold more than 64 MB, and with it
 * every feed of this process: a hundred clients that replay at once would do that to all others.
 */
const READS_AT_ONCE = 8;
/** What one request reads ahead for a reader that goes through a whole run: asked one by one, the server waits in between. */
const PAGES_AHEAD = 4;
/** With so many reads under way there is enough to do, and what is read ahead would only wait. */
const BUSY_READS = 4;
/** How long one attempt to store waits for its ack before it is repeated. */
const ATTEMPT_MS = 2_500;
const REMEMBERED_RUNS = 100_000;

/** One connection to NATS, in the forms in which a shard uses it. */
export interface LogServer {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** What this connection's user may listen to for answers; see NatsLogin. */
  readonly inboxPrefix: string | undefined;
}

/** One stream of the log, and everything that reads or writes it. */
export class Shard {
  private readonly connection: NatsConnection;
  private readonly client: JetStreamClient;
  private readonly manager: JetStreamManager;
  private readonly stream: string;
  private readonly directGet: DirectGet;
  private readonly commit: GroupCommit;
  private readonly publisher: Publisher;
  private readonly appender: Appender;
  private readonly live: LiveWatches;
  private readonly reconnectListeners = new Set<() => void>();
  private readonly reads = new Turns(READS_AT_ONCE);
  private readonly began = new RecentlySeen<number>(REMEMBERED_RUNS);
  private readonly trims: boolean;
  private currentEpoch: string;

  constructor(
    server: LogServer,
    readonly number: number,
    readonly space: SubjectSpace,
    info: StreamInfo,
    onCommit: (commit: ShardCommit) => void = () => undefined,
  ) {
    const { connection, inboxPrefix } = server;
    this.connection = connection;
    this.client = server.client;
    this.manager = server.manager;
    this.stream = info.config.name;
    this.currentEpoch = identityOf(info).epoch;
    this.trims = trims(info.config);
    this.directGet = new DirectGet(connection, this.stream, inboxPrefix);
    this.publisher = new Publisher(connection, ATTEMPT_MS);
    const maxPayload = (): number => connection.info?.max_payload ?? 1024 * 1024;
    this.commit = new GroupCommit(this.publisher, DEFAULT_LIMITS, Date.now, (commit) =>
      onCommit({ shard: number, ...commit }),
    );
    this.live = new LiveWatches(
      connection,
      space,
      (message) => this.decode(message),
      () => this.identity(),
    );
    this.appender = new Appender(number, space, this.commit, this.directGet, maxPayload, () => this.epoch);
  }

  /** The epoch of the stream as last seen. */
  get epoch(): string {
    return this.currentEpoch;
  }

  /** Messages whose fate is open. */
  get waiting(): number {
    return this.commit.pending;
  }

  append(events: readonly RunEvent[], facts?: AppendFacts): Promise<AppendOutcome[]> {
    return this.appender.append(events, facts);
  }

  /**
   * Stores an event if `lastSequence` is still the newest of its run, 0 for none, and tells whether it did. For what is
   * only true as long as the run says nothing. Rejects with LogUnavailableError: unknown whether stored.
   */
  async appendAfter(event: RunEvent, lastSequence: number): Promise<boolean> {
    const subject = this.runSubject(event.tenant, event.run);
    const message = { subject, data: encodeEvent(event), messageId: messageIdOf(event) };
    try {
      return await this.publisher.storeAfter(message, lastSequence);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  runSubject(tenant: string, run: string): string {
    return runSubject(this.space, tenant, run);
  }

  sessionSubject(tenant: string, session: string): string {
    return sessionSubject(this.space, tenant, session);
  }

  /** Asks the stream leader who it is and how far it reaches. */
  async identity(): Promise<LogIdentity> {
    const info = await streamInfo(this.manager, this.stream);
    if (info === undefined) throw new LogUnavailableError('no-leader', `stream ${this.stream} does not exist`);
    const identity = identityOf(info);
    if (identity.epoch !== this.currentEpoch) {
      this.currentEpoch = identity.epoch;
      this.live.startOver();
      this.appender.forget();
      this.began.clear();
      this.onReconnect();
    }
    return identity;
  }

  /**
   * The sequence up to which the stream has dropped its events for their age. Asked after a read it tells whether the
   * answer can be trusted to be whole; a log that keeps everything is not asked.
   */
  async trimmedUpTo(): Promise<number> {
    return this.trims ? (await this.identity()).firstSequence - 1 : 0;
  }

  /** What stands on one subject after a sequence, oldest first. May lag behind the newest acknowledged event. */
  readSubject(subject: string, after: number, limit: number): Promise<EntryPage> {
    return this.readPages(subject, after, { limit, maxBytes: PAGE_BYTES });
  }

  /** The same for a reader that will want what follows, which then comes without being asked for. */
  readOn(subject: string, after: number, limit: number): Promise<EntryPage> {
    const pages = this.reads.taken < BUSY_READS ? PAGES_AHEAD : 1;
    return this.readPages(subject, after, { limit, maxBytes: PAGE_BYTES, pages });
  }

  private readPages(subject: string, after: number, size: PageSize): Promise<EntryPage> {
    const on = parseSubject(this.space, subject);
    const toEntries = ({ messages, complete, next }: SubjectPage): EntryPage => {
      const entries = messages.map((message) => decodeStoredOn(on, this.placed(message)));
      return next === undefined ? { entries, complete } : { entries, complete, next: seen(next.then(toEntries)) };
    };
    return new Promise((resolve, reject) => {
      void this.reads.take(() => {
        const reading = this.directGet.readSubject(subject, after, size);
        reading.page.then(toEntries).then(resolve, reject);
        // It is on its way until its last page has come.
        return reading.ended;
      });
    });
  }

  /**
   * Since when the log has held events of a run (milliseconds since the epoch); now for a run it does not know. Asked
   * once per run and process.
   */
  async runBeganAt(tenant: string, run: string, now: () => number): Promise<number> {
    const subject = this.runSubject(tenant, run);
    const known = this.began.get(subject);
    if (known !== undefined) return known;
    const { messages } = await this.directGet.readSubject(subject, 0, { limit: 1, maxBytes: PAGE_BYTES }).page;
    const began = messages[0] === undefined ? now() : timestampToMs(messages[0].storedAt);
    this.began.add(subject, began);
    return began;
  }

  /** The same where it has been asked; else `undefined`. */
  knownBeginning(tenant: string, run: string): number | undefined {
    return this.began.get(this.runSubject(tenant, run));
  }

  /** The newest sequences of many subjects that have any after `after`. */
  newest(subjects: readonly string[], after: number): Promise<NewestSequences> {
    return this.directGet.newest(subjects, after);
  }

  /**
   * Erases what stands on a subject, and what is stored on it meanwhile. Resolves when nothing is left; sequences that
   * are gone leave gaps, every other position stays what it was. With `upTo`, only what stands no further in the log.
   */
  erase(subject: string, upTo?: number): Promise<ErasedMessages> {
    const chosen = upTo === undefined ? undefined : ({ sequence }: DirectMessage) => sequence <= upTo;
    return eraseMessages(this.erasable(), subject, chosen);
  }

  /** Erases the links by which these runs joined a session; those of other runs stay. */
  eraseLinks(
    tenant: string,
    session: string,
    runs: ReadonlySet<string>,
    upTo = Number.MAX_SAFE_INTEGER,
  ): Promise<ErasedMessages> {
    return eraseMessages(this.erasable(), this.sessionSubject(tenant, session), (message) => {
      if (message.sequence > upTo) return false;
      const entry = this.decode(message);
      return entry.kind === 'link' && runs.has(entry.link.run);
    });
  }

  /** Drops what stands on a subject, in one request. Its text stays in the stream's files until NATS compacts them. */
  async purge(subject: string): Promise<void> {
    await this.manager.streams.purge(this.stream, { filter: subject });
  }

  private erasable(): ErasableStream {
    return { manager: this.manager, stream: this.stream, directGet: this.directGet };
  }

  /** Delivers what is stored on a subject from now on, as far as core NATS does; see {@link LiveEntry}. */
  watch(subject: string, onEntry: (entry: LiveEntry) => void): Watch {
    return this.live.entries(subject, onEntry);
  }

  /** Tells which runs of a tenant are being written to, as far as core NATS does. */
  watchRuns(tenant: string, onRecord: (run: string, sequence: number) => void): Watch {
    return this.live.runs(tenant, onRecord);
  }

  /** Calls back when messages may have been missed: after a reconnect, and when the stream became another. */
  onMissed(listener: () => void): () => void {
    this.reconnectListeners.add(listener);
    return () => this.reconnectListeners.delete(listener);
  }

  onDisconnect(): void {
    this.publisher.interrupt();
  }

  onReconnect(): void {
    this.publisher.resume();
    for (const listener of this.reconnectListeners) listener();
  }

  /**
   * Everything the stream holds after a sequence, in batches, in order, gapless, and then what comes, until the signal
   * aborts. Survives reconnects. Throws LogIdentityError when the stream is no longer the one it began with.
   */
  tail(options: TailOptions): AsyncGenerator<LogEntry[], void, void> {
    const { client, manager, stream } = this;
    const source: TailSource = {
      ...{ client, manager, stream },
      epoch: async () => (await this.identity()).epoch,
      onMissed: (listener) => this.onMissed(listener),
      decode: (message) => this.decode(message),
    };
    return tail(source, options);
  }

  close(): void {
    this.directGet.close();
  }

  private decode(message: DirectMessage): LogEntry {
    return decodeMessage(this.space, this.placed(message));
  }

  private placed({ subject, data, storedAt, sequence, traceparent }: DirectMessage): StoredMessage {
    const position = { shard: this.number, epoch: this.currentEpoch, sequence };
    return { subject, data, storedAt, position, traceparent };
  }
}

/** Nobody need want it. */
function seen<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
