import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { setTimeout } from 'node:timers/promises';
import type { DirectGet, DirectMessage } from './direct-get.ts';
import { LogUnavailableError } from './errors.ts';

/** What became of the messages of one subject. */
export interface ErasedMessages {
  readonly messages: number;
  /**
   * Whether their bytes were overwritten in the stream's files. Not in a stream that denies deletes, as the first
   * streams of Runcast did: what was purged there is out of reach, and in the file until NATS compacts it.
   */
  readonly overwritten: boolean;
}

export interface ErasableStream {
  readonly manager: JetStreamManager;
  readonly stream: string;
  readonly directGet: DirectGet;
}

const PAGE = 200;
const PAGE_BYTES = 4 * 1024 * 1024;
/** A replica that has not applied a deletion yet still shows the message. */
const SETTLE_MS = 100;
const MAX_ROUNDS = 100;

/**
 * Erases the messages of a subject, or those that `chosen` picks, until a look from the start finds none. Deletes them
 * one by one: NATS then overwrites each in its file with random bytes, which a purge does not do (2.15: the text of
 * purged messages is still in the block after a restart).
 *
 * @throws {LogUnavailableError} when they cannot be erased now. Safe to repeat.
 */
export async function eraseMessages(
  from: ErasableStream,
  subject: string,
  chosen?: (message: DirectMessage) => boolean,
): Promise<ErasedMessages> {
  const { config } = await from.manager.streams.info(from.stream);
  if (config.deny_delete) {
    const purged = chosen ? 0 : (await from.manager.streams.purge(from.stream, { filter: subject })).purged;
    return { messages: purged, overwritten: false };
  }
  const erased = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const found = await eraseOnce(from, subject, chosen ?? (() => true));
    if (found.length === 0) return { messages: erased.size, overwritten: true };
    for (const sequence of found) erased.add(sequence);
    if (round > 0) await setTimeout(SETTLE_MS);
  }
  throw new LogUnavailableError('refused', `${subject} could not be erased: messages keep coming`);
}

async function eraseOnce(
  from: ErasableStream,
  subject: string,
  chosen: (message: DirectMessage) => boolean,
): Promise<number[]> {
  const found: number[] = [];
  for (let after = 0; ;) {
    const { messages, complete } = await from.directGet.readSubject(subject, after, {
      limit: PAGE,
      maxBytes: PAGE_BYTES,
    }).page;
    for (const message of messages.filter(chosen)) {
      await deleteMessage(from, message.sequence);
      found.push(message.sequence);
    }
    after = messages.at(-1)?.sequence ?? after;
    if (complete || messages.length === 0) return found;
  }
}

async function deleteMessage({ manager, stream, directGet }: ErasableStream, sequence: number): Promise<void> {
  try {
    await manager.streams.deleteMessage(stream, sequence, true);
  } catch (error) {
    // Somebody else erased it first, or it was dropped for its age.
    if (!(error instanceof JetStreamApiError) || (await directGet.bySequence(sequence)) !== undefined) throw error;
  }
}
