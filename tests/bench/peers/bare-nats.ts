import { jetstream, jetstreamManager, StorageType, type JetStreamClient } from '@nats-io/jetstream';
import { connect, headers, nuid, type NatsConnection } from '@nats-io/transport-node';
import { EventTexts } from '../load/event-texts.ts';
import { serve } from '../load/serve.ts';

export interface PublishOrder {
  readonly forMs: number;
  /** Publishes, or batches, that are under way at once. */
  readonly atOnce: number;
}

/** Events that were acknowledged, and how long that took. */
export interface Published {
  readonly events: number;
  readonly tookMs: number;
}

export type BareNatsMethods = {
  /** Makes a stream of its own. What it acknowledges is as durable as Runcast's: the same server, in files. */
  open(options: { servers: string; name: string }): Promise<void>;
  /** The client's own publish, many at once. */
  singles(order: PublishOrder): Promise<Published>;
  /** One publish after the other, each awaited: what a first version does. */
  oneByOne(order: { forMs: number }): Promise<Published>;
  /** Atomic batches of so many. */
  batches(order: PublishOrder & { size: number }): Promise<Published>;
  /** So many events in large batches, as the log would hold them; see `fill` in the figures. */
  close(): Promise<void>;
};

const MAX_BYTES = 2 * 1024 ** 3;
const utf8 = new TextEncoder();
let connection: NatsConnection;
let client: JetStreamClient;
let stream: string;

async function open({ servers, name }: { servers: string; name: string }): Promise<void> {
  stream = name;
  connection = await connect({ servers: servers.split(','), timeout: 20_000 });
  client = jetstream(connection);
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name,
    subjects: [`${name}.>`],
    storage: StorageType.File,
    allow_atomic: true,
    max_bytes: MAX_BYTES,
  });
}

function singles({ forMs, atOnce }: PublishOrder): Promise<Published> {
  return until(forMs, atOnce, async (texts, subject) => {
    await client.publish(subject, utf8.encode(texts.next()));
    return 1;
  });
}

function oneByOne({ forMs }: { forMs: number }): Promise<Published> {
  return singles({ forMs, atOnce: 1 });
}

function batches({ forMs, atOnce, size }: PublishOrder & { size: number }): Promise<Published> {
  return until(forMs, atOnce, async (texts, subject) => {
    const id = nuid.next();
    for (let index = 1; index < size; index += 1) {
      connection.publish(subject, utf8.encode(texts.next()), { headers: batchHeaders(id, index) });
    }
    const last = batchHeaders(id, size);
    last.set('Nats-Batch-Commit', '1');
    const reply = await connection.request(subject, utf8.encode(texts.next()), { headers: last, timeout: 20_000 });
    const ack = reply.json<{ count?: number }>();
    if (ack.count !== size) throw new Error(`a batch of ${size} was answered with ${reply.string()}`);
    return size;
  });
}

function batchHeaders(id: string, sequence: number): ReturnType<typeof headers> {
  const batch = headers();
  batch.set('Nats-Batch-Id', id);
  batch.set('Nats-Batch-Sequence', String(sequence));
  return batch;
}

/** Goes on with `step` in so many strands until the time is over, and adds up what they have stored. */
async function until(
  forMs: number,
  atOnce: number,
  step: (texts: EventTexts, subject: string) => Promise<number>,
): Promise<Published> {
  const begun = performance.now();
  let events = 0;
  const strand = async (_: unknown, index: number): Promise<void> => {
    const texts = new EventTexts(`bare-${index}`);
    while (performance.now() < begun + forMs) {
      // Not `+= await`: it would read the sum before it waits, and forget what the other strands have added meanwhile.
      const stored = await step(texts, `${stream}.r.${index}`);
      events += stored;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, strand));
  return { events, tookMs: performance.now() - begun };
}

async function close(): Promise<void> {
  await (await jetstreamManager(connection)).streams.delete(stream);
  await connection.close();
}

serve({ open, singles, oneByOne, batches, close } satisfies BareNatsMethods);
