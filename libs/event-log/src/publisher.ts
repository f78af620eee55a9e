import { headers, nuid, RequestError, TimeoutError, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { LogUnavailableError, type UnavailableReason } from './errors.ts';

/** One message to be stored. The ack is filled in when it is. */
export interface Outgoing {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Absent for messages that may be stored twice without harm. */
  readonly messageId?: string;
  /** Names the span that caused it. Kept beside the event, not in it. */
  readonly traceparent?: string | undefined;
  ack?: { readonly sequence: number; readonly duplicate: boolean };
  /** An attempt to store it ended without an answer: a later "duplicate" then means our own first attempt. */
  uncertain?: boolean;
}

/** Where a stored message says which span caused it, as W3C Trace Context does. */
export const TRACEPARENT = 'traceparent';

const DUPLICATE_IN_BATCH = 10201;
const WRONG_LAST_SEQUENCE = 10071;
const STORE_FAILED = 10077;

/** Stores messages in the stream, several at a time as one atomic batch. */
export class Publisher {
  private readonly underWay = new Set<(error: Error) => void>();
  private lost = false;

  constructor(
    private readonly connection: NatsConnection,
    /** How long one attempt waits for its ack. */
    private readonly attemptMs: number,
  ) {}

  /**
   * The connection is lost, and with it every answer that is awaited: they fail at once, to be repeated, instead of after
   * their time. Until {@link resume} every attempt fails: the client would drop its message without a word.
   */
  interrupt(): void {
    this.lost = true;
    for (const fail of this.underWay) fail(disconnected());
  }

  /** The connection is back. */
  resume(): void {
    this.lost = false;
  }

  /**
   * Stores messages as one batch. The server refuses a batch that holds a known id as a whole and does not say which,
   * so the batch is halved until the duplicates stand alone; a single publish then names the original's sequence.
   */
  async store(messages: readonly Outgoing[]): Promise<void> {
    if (messages.length === 0) return;
    if (messages.length === 1) return this.storeOne(messages[0]!);
    if (await this.storeAtomically(messages)) return;
    const middle = Math.ceil(messages.length / 2);
    await this.store(messages.slice(0, middle));
    await this.store(messages.slice(middle));
  }

  /** Stores messages of different subjects, each by itself. Rejects when one of them fails, after all have ended. */
  async storeEach(messages: readonly Outgoing[]): Promise<void> {
    const ends = await Promise.allSettled(messages.map((message) => this.storeOne(message)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /**
   * Stores one message if `lastSequence` is still the newest on its subject, 0 for none; one attempt. False when
   * something else has been stored there since.
   */
  async storeAfter(message: Outgoing, lastSequence: number): Promise<boolean> {
    const condition = `Nats-Expected-Last-Subject-Sequence: ${lastSequence}\r\n`;
    return (await this.publishOne(message, condition)) !== WRONG_LAST_SEQUENCE;
  }

  private async storeOne(message: Outgoing): Promise<void> {
    await this.publishOne(message, '');
  }

  /** Answers the code of a condition that was not met. */
  private async publishOne(message: Outgoing, condition: string): Promise<typeof WRONG_LAST_SEQUENCE | undefined> {
    const ack = await this.request(message, encoded(condition + ownLines(message)), [message]);
    if (ack.error?.err_code === WRONG_LAST_SEQUENCE) return WRONG_LAST_SEQUENCE;
    if (ack.error) throw refusal(ack.error);
    message.ack = { sequence: ack.seq, duplicate: ack.duplicate === true && message.uncertain !== true };
    return undefined;
  }

  /** False when the batch was refused because of a duplicate; nothing of it is stored then. */
  private async storeAtomically(messages: readonly Outgoing[]): Promise<boolean> {
    const batchId = nuid.next();
    const last = messages.length - 1;
    for (let index = 0; index < last; index += 1) {
      const message = messages[index]!;
      const lines = batchLines(batchId, index + 1) + ownLines(message);
      this.connection.publish(message.subject, message.data, { headers: encoded(lines) });
    }
    const lines = `${batchLines(batchId, last + 1)}Nats-Batch-Commit: 1\r\n${ownLines(messages[last]!)}`;
    const ack = await this.request(messages[last]!, encoded(lines), messages);
    if (ack.error?.err_code === DUPLICATE_IN_BATCH) return false;
    if (ack.error) throw refusal(ack.error);
    // A batch takes contiguous sequences; anything else would put wrong positions into acknowledgements.
    if (ack.count !== messages.length)
      throw new LogUnavailableError('refused', `batch of ${messages.length} stored ${ack.count}`);
    messages.forEach((message, index) => {
      message.ack = { sequence: ack.seq - last + index, duplicate: false };
    });
    return true;
  }

  private async request(
    message: Outgoing,
    requestHeaders: MsgHdrs,
    affected: readonly Outgoing[],
  ): Promise<PublishAck> {
    if (this.lost) throw disconnected();
    const interrupted = Promise.withResolvers<never>();
    this.underWay.add(interrupted.reject);
    try {
      const options = { headers: requestHeaders, timeout: this.attemptMs };
      const answered = this.connection.request(message.subject, message.data, options);
      return (await Promise.race([answered, interrupted.promise])).json<PublishAck>();
    } catch (error) {
      for (const each of affected) each.uncertain = true;
      throw error;
    } finally {
      this.underWay.delete(interrupted.reject);
    }
  }
}

interface PublishAck {
  readonly seq: number;
  readonly count?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

function batchLines(batchId: string, sequence: number): string {
  return `Nats-Batch-Id: ${batchId}\r\nNats-Batch-Sequence: ${sequence}\r\n`;
}

/** What the message's own facts add. They are ours, hashes and hexadecimal: none can hold a line break. */
function ownLines({ messageId, traceparent }: Outgoing): string {
  const id = messageId === undefined ? '' : `Nats-Msg-Id: ${messageId}\r\n`;
  return traceparent === undefined ? id : `${id}${TRACEPARENT}: ${traceparent}\r\n`;
}

const NO_HEADERS = headers();

/**
 * Headers from lines that are well-formed already. Set one by one, every name is checked and searched for again, which for three
 * of them costs more than all else that the client does for a message.
 */
function encoded(lines: string): MsgHdrs {
  const encode = (): Uint8Array => Buffer.from(`NATS/1.0\r\n${lines}\r\n`);
  return Object.assign(Object.create(NO_HEADERS) as MsgHdrs, { encode });
}

function refusal(error: NonNullable<PublishAck['error']>): LogUnavailableError {
  const reason = error.err_code === STORE_FAILED ? 'full' : 'refused';
  return new LogUnavailableError(reason, `${error.description} (${error.err_code})`, reason === 'full' ? 30 : 2);
}

function disconnected(): LogUnavailableError {
  return new LogUnavailableError('disconnected', 'the connection to NATS is lost');
}

/** What a failed attempt says about the log. */
export function asUnavailable(error: unknown): LogUnavailableError {
  if (error instanceof LogUnavailableError) return error;
  return new LogUnavailableError(reasonOf(error), (error as Error).message, 2, { cause: error });
}

function reasonOf(error: unknown): UnavailableReason {
  if (error instanceof TimeoutError) return 'timeout';
  if (error instanceof RequestError && error.isNoResponders()) return 'no-leader';
  return 'disconnected';
}
