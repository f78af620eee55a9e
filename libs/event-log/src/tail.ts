import {
  AckPolicy,
  DeliverPolicy,
  type ConsumerMessages,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { deliveryOf, type Delivery } from './delivery.ts';
import type { DirectMessage } from './direct-get.ts';
import { LogIdentityError } from './errors.ts';
import { TRACEPARENT } from './publisher.ts';
import type { LogEntry } from './record.ts';
import { storedAtOf } from './stored-at.ts';

export interface TailOptions {
  /** Yields what stands after this sequence. */
  readonly after: number;
  /** At most this many messages a batch; up to twice as many are read ahead. */
  readonly maxEntries: number;
  readonly signal: AbortSignal;
  /** Whether to read which span caused each event. Costs the parsing of every message's headers. */
  readonly traces?: boolean;
}

/** The stream that is read, and what its shard knows of it. */
export interface TailSource {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly stream: string;
  /** Asks the stream for its epoch. */
  readonly epoch: () => Promise<string>;
  /** Calls back when messages may have been missed. Answers how to stop that. */
  onMissed(listener: () => void): () => void;
  decode(message: DirectMessage): LogEntry;
}

const RETRY_MS = 250;

/** See {@link Shard.tail}. */
export async function* tail(source: TailSource, options: TailOptions): AsyncGenerator<LogEntry[], void, void> {
  let epoch: string | undefined;
  let after = options.after;
  while (!options.signal.aborted) {
    // What was on its way when the connection broke is lost, and if it was the newest nothing later would tell.
    const missed = new AbortController();
    const stopListening = source.onMissed(() => missed.abort());
    try {
      const expected = (epoch ??= await source.epoch());
      const signal = AbortSignal.any([options.signal, missed.signal]);
      for await (const batch of consumeOnce(source, expected, { ...options, after, signal })) {
        yield await decodeInTurns(batch, (message) => source.decode(message));
        after = batch.at(-1)!.sequence;
      }
    } catch (error) {
      if (!isTemporary(error)) throw error;
    } finally {
      stopListening();
    }
    await delay(RETRY_MS, options.signal);
  }
}

/** About a millisecond's worth. */
const DECODED_AT_A_STRETCH = 128;

/** Lets the event loop turn now and then: a thousand at a stretch hold everything else up for several milliseconds. */
async function decodeInTurns(
  batch: readonly DirectMessage[],
  decode: (message: DirectMessage) => LogEntry,
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (const message of batch) {
    entries.push(decode(message));
    if (entries.length % DECODED_AT_A_STRETCH === 0) await setImmediate();
  }
  return entries;
}

/**
 * One life of a consumer: yields batches in order until the consumer is lost, the connection breaks or the signal
 * aborts. Ends, or throws, at the first sign of a missing message; the caller begins again after what it has.
 *
 * A plain ack-none consumer, not the client's ordered one: that one re-creates itself at its old sequence, also on a
 * stream that was deleted and made anew, and would skip the first events of the new stream.
 */
async function* consumeOnce(
  { client, manager, stream, epoch }: TailSource,
  expectedEpoch: string,
  options: TailOptions,
): AsyncGenerator<DirectMessage[], void, void> {
  const { name } = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: options.after + 1,
    mem_storage: true,
    num_replicas: 1,
    // A reader that was killed leaves its consumer behind; they would eat up the stream's max_consumers.
    inactive_threshold: INACTIVE_MS * 1e6,
  });
  // Asked once the consumer exists: it dies with its stream, so from then on nothing can come from another.
  const found = await epoch();
  if (found !== expectedEpoch) throw new LogIdentityError(stream, expectedEpoch, found);
  const consumer = await client.consumers.get(stream, name);
  const messages = await consumer.consume({
    // The server is asked for more as messages are taken: a whole batch should be here by the time the next one is due.
    max_messages: 2 * options.maxEntries,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  });
  const stop = (): void => void messages.close();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  closeWhenLost(messages).catch(() => undefined);
  try {
    yield* inBatches(messages, options);
  } finally {
    options.signal.removeEventListener('abort', stop);
    // Not awaited: the client closes behind what it has read ahead, which nobody takes any more when a reader leaves early.
    void messages.close();
    await manager.consumers.delete(stream, name).catch(() => false);
  }
}

const INACTIVE_MS = 30_000;
const HEARTBEAT_MS = 2_000;

async function closeWhenLost(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) {
    if (LOST.has(status.type)) void messages.close();
  }
}

const LOST: ReadonlySet<string> = new Set([
  'heartbeats_missed',
  'consumer_not_found',
  'consumer_deleted',
  'stream_not_found',
  'no_responders',
]);

/** Groups what has arrived, so that a busy stream comes in large batches and a quiet one without delay. */
async function* inBatches(
  messages: ConsumerMessages,
  { maxEntries: limit, traces = false }: TailOptions,
): AsyncGenerator<DirectMessage[], void, void> {
  const iterator = messages[Symbol.asyncIterator]();
  let next = iterator.next();
  let delivered = 0;
  for (;;) {
    const batch: DirectMessage[] = [];
    for (let item = await next; ; item = await next) {
      // The consumer numbers what it sends: a number left out is a message lost on a broken connection.
      const message = item.done === true ? undefined : item.value;
      const delivery = message && deliveryOf(message);
      if (!delivery || delivery.count !== delivered + 1) {
        if (batch.length > 0) yield batch;
        return;
      }
      delivered += 1;
      batch.push(toDirectMessage(message, delivery, traces));
      next = iterator.next();
      // It may fail while the batch is being worked on and nobody waits for it; it still throws when it is awaited.
      next.catch(() => undefined);
      if (batch.length >= limit || (await Promise.race([next, nothingReady()])) === undefined) break;
    }
    yield batch;
  }
}

/**
 * Resolves after everything that is already resolved, so that a race against it asks "is there more right now?". One
 * answers for all who ask in the same turn of the event loop: what is there is taken before the turn ends.
 */
function nothingReady(): Promise<undefined> {
  turn ??= setImmediate().then(() => (turn = undefined));
  return turn;
}

let turn: Promise<undefined> | undefined;

function toDirectMessage(message: JsMsg, delivery: Delivery, traces: boolean): DirectMessage {
  const storedAt = storedAtOf(delivery.storedAtNanos);
  const read = { subject: message.subject, sequence: delivery.sequence, storedAt, data: message.data };
  const traceparent = traces ? message.headers?.get(TRACEPARENT) : undefined;
  return traceparent ? { ...read, traceparent } : read;
}

/** Anything NATS can fail with passes once it is back. Another stream, or a fault in our own code, does not. */
function isTemporary(error: unknown): boolean {
  const lasting = [LogIdentityError, TypeError, RangeError, ReferenceError];
  return !lasting.some((kind) => error instanceof kind);
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}
