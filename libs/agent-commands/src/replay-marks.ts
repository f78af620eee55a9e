import { hash } from 'node:crypto';
import { DiscardPolicy, jetstream, StorageType, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { readJson } from './agent-command.ts';
import type { Messaging } from './messaging.ts';
import { ensureStream, streamName, type NewStream } from './streams.ts';

/** How long it is remembered that a client has had the end of a run. */
export const MARK_MS = 5 * 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Which client has been told the end of which run, known to every gateway for {@link MARK_MS}. A comfort, not a truth: it
 * stands in memory, and whoever asks while NATS is away is answered "not known".
 */
export class ReplayMarks {
  readonly #messaging: Messaging;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #stream: string;

  private constructor(messaging: Messaging, manager: JetStreamManager, stream: string) {
    this.#messaging = messaging;
    this.#client = jetstream(messaging.connection);
    this.#manager = manager;
    this.#stream = stream;
  }

  static async open(messaging: Messaging): Promise<ReplayMarks> {
    const name = streamName('MARKS', messaging);
    return new ReplayMarks(messaging, await ensureStream(messaging, marksConfig(name, messaging)), name);
  }

  /** Remembers the sequence up to which `who` has been served. Never rejects. */
  async set(who: readonly string[], sequence: number): Promise<void> {
    await this.#client.publish(this.#subjectOf(who), JSON.stringify({ sequence })).catch(() => undefined);
  }

  /** The sequence up to which `who` has been served lately. Never rejects. */
  async get(who: readonly string[]): Promise<number | undefined> {
    const query = { last_by_subj: this.#subjectOf(who) };
    const message = await this.#manager.direct.getMessage(this.#stream, query).catch(() => null);
    const sequence = message && readJson(message.data)?.['sequence'];
    return typeof sequence === 'number' ? sequence : undefined;
  }

  #subjectOf(who: readonly string[]): string {
    return this.#messaging.subjects.mark(hash('sha256', JSON.stringify(who), 'base64url'));
  }
}

function marksConfig(name: string, { subjects, replicas }: Messaging): NewStream {
  return {
    name,
    num_replicas: replicas,
    subjects: [subjects.everyMark],
    storage: StorageType.Memory,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: 1,
    max_age: MARK_MS * 1e6,
    max_bytes: MAX_BYTES,
    allow_direct: true,
  };
}
